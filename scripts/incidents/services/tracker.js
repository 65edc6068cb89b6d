// tracker: shows people where their parcel is; asks nginx, which asks parcels.
//
//   tracker.js PORT NGINX_PORT
const http = require("node:http");

const [port, gateway] = process.argv.slice(2).map(Number);
const log = (level, msg) => console.log(`${new Date().toISOString()} [${level}] tracker - ${msg}`);

http
  .createServer(async (req, res) => {
    const id = req.url.split("/")[2];
    try {
      const answer = await fetch(`http://127.0.0.1:${gateway}/parcels/${id}`, { signal: AbortSignal.timeout(4000) });
      if (!answer.ok) throw new Error(`gateway answered ${answer.status} ${answer.statusText}`);
      res.end(await answer.text());
      log("INFO", `parcel ${id} shown`);
    } catch (err) {
      res.writeHead(503).end();
      log("ERROR", `parcel ${id} not shown: ${err.message}`);
    }
  })
  .listen(port, "127.0.0.1", () => log("INFO", `listening on ${port}`));
setInterval(() => log("WARN", "map tiles are 2 versions behind"), 15000);
process.on("SIGTERM", () => {
  log("INFO", "stopping");
  process.exit(0);
});
