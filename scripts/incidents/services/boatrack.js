// boatrack: gives boats to the members of the rowing club; porter says who may have which.
//
//   boatrack.js PORT PORTER_PORT
const http = require("node:http");
const pino = require("pino");

const [port, porter] = process.argv.slice(2).map(Number);
const log = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime, messageKey: "message", formatters: { level: (label) => ({ level: label.toUpperCase() }) } });
http
  .createServer(async (req, res) => {
    const member = req.url.match(/^\/boat\/(\d+)$/)?.[1];
    if (!member) {
      log.warn({ url: req.url }, "not a boat");
      return res.writeHead(404).end();
    }
    try {
      const answer = await fetch(`http://127.0.0.1:${porter}/member/${member}`, { signal: AbortSignal.timeout(5000) });
      if (answer.status === 403 && member > 38) {
        log.info({ member }, "guest sent home");
        return res.writeHead(403).end();
      }
      if (!answer.ok) throw new Error(`porter answered ${answer.status}`);
      log.info({ member, boat: await answer.text() }, "boat handed out");
      res.end("row\n");
    } catch (err) {
      log.error({ member, err: { type: err.name, message: err.message } }, "no boat");
      res.writeHead(502).end();
    }
  })
  .listen(port, "127.0.0.1", () => log.info({ port }, "boatrack open"));
process.on("SIGTERM", () => process.exit(0));
