// stopsigns: what the signs at the tram stops show.
//
//   stopsigns.js PORT
const http = require("node:http");

process.title = "stopsigns";
const port = Number(process.argv[2]);
const log = (level, text) => console.log(`${new Date().toTimeString().slice(0, 8)} ${level} stopsigns ${text}`);
const fonts = Buffer.alloc(40e6, 7);
http
  .createServer((req, res) => {
    const stop = Number(req.url.split("/").pop());
    if (!stop) {
      log("W", `nothing at ${req.url}`);
      return res.writeHead(404).end();
    }
    log("I", `stop ${stop}: line ${1 + (stop % 9)} in ${1 + (fonts[stop] * stop) % 12} min`);
    res.end("ok\n");
  })
  .listen(port, "127.0.0.1", () => log("I", `showing, port ${port}, fonts ${fonts.length >> 20} MB`));
process.on("SIGTERM", () => {
  log("I", "dark");
  process.exit(0);
});
