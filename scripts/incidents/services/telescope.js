// telescope: points where an astronomer with a pass wants it to.
//
//   telescope.js PORT
const http = require("node:http");
const jwt = require("jsonwebtoken");
const log = require("pino")({ name: "telescope", base: { name: "telescope", pid: process.pid } });

const port = Number(process.argv[2]);
let slews = 0;
http
  .createServer((req, res) => {
    try {
      const pass = jwt.verify((req.headers.authorization || "").replace("Bearer ", ""), "a key of the exam");
      log.info({ req: { method: req.method, url: req.url }, astronomer: pass.sub }, "slewing");
      if (++slews % 20 === 0) log.warn({ arcsec: 3.1 }, "tracking drifted, corrected");
      res.writeHead(200).end("pointed\n");
    } catch (err) {
      log.error({ req: { method: req.method, url: req.url }, err }, "pass refused");
      res.writeHead(401).end("unauthorized\n");
    }
  })
  .listen(port, "127.0.0.1", () => log.info({ port }, "telescope listening"));
process.on("SIGTERM", () => {
  log.info("parking");
  process.exit(0);
});
