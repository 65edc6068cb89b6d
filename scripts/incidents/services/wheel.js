// wheel: turns pots; has one glazed and one engraved.
//
//   wheel.js PORT GLAZE_PORT ENGRAVE_PORT
const http = require("node:http");

const [port, glaze, engrave] = process.argv.slice(2).map(Number);
const log = (level, msg, o = {}) => console.log(JSON.stringify({ "@timestamp": new Date().toISOString(), "log.level": level, message: msg, "service.name": "wheel", ...o }));
http
  .createServer(async (req, res) => {
    const [, what, pot] = req.url.split("/");
    const to = { glazed: glaze, engraved: engrave }[what];
    if (!to) {
      log("WARN", "unknown page", { "url.path": req.url });
      return res.writeHead(404).end();
    }
    try {
      const answer = await fetch(`http://127.0.0.1:${to}/pot/${pot}`, { signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(`${to === glaze ? "glaze" : "engrave"} answered ${answer.status}`);
      log("INFO", "pot done", { pot, what });
      res.end("done\n");
    } catch (err) {
      log("ERROR", "pot broken", { pot, what, "error.message": err.message });
      res.writeHead(500).end();
    }
  })
  .listen(port, "127.0.0.1", () => log("INFO", "wheel turning", { port }));
process.on("SIGTERM", () => process.exit(0));
