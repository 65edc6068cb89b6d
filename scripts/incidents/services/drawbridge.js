// drawbridge: lets visitors of the castle in and sends them to docent.
//
//   drawbridge.js PORT DOCENT_PORT
const http = require("node:http");
const winston = require("winston");

const [port, docent] = process.argv.slice(2).map(Number);
const { combine, label, timestamp, printf } = winston.format;
const log = winston.createLogger({
  format: combine(label({ label: "drawbridge" }), timestamp({ format: "DD/MM/YYYY HH:mm:ss" }), printf(({ level, message, label, timestamp }) => `${timestamp} ${label}.${level} - ${message}`)),
  transports: [new winston.transports.Console()],
});
let errors = 0;
http
  .createServer(async (req, res) => {
    const room = req.url.split("/").pop();
    try {
      const answer = await fetch(`http://127.0.0.1:${docent}/room/${room}`, { signal: AbortSignal.timeout(4000) });
      if (answer.status === 404) return res.writeHead(404).end();
      if (!answer.ok) throw new Error(`docent is silent (${answer.status})`);
      log.info(`visitor in room ${room}`);
      res.end(await answer.text());
      errors = 0;
    } catch (err) {
      log.error(`visitor leaves room ${room}: ${err.message}`);
      if (++errors === 10) log.error("more than 10 visitors left in a row, the bridge goes up");
      res.writeHead(502).end();
    }
  })
  .listen(port, "127.0.0.1", () => log.info(`bridge down, port ${port}`));
setInterval(() => log.warn("chain needs oil"), 16000);
process.on("SIGTERM", () => process.exit(0));
