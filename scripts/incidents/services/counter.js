// counter: the bakery's till; sends every order to hearth.
//
//   counter.js PORT HEARTH_PORT
const http = require("node:http");
const winston = require("winston");

const [port, hearth] = process.argv.slice(2).map(Number);
const log = winston.createLogger({
  level: "debug",
  format: winston.format.combine(
    winston.format.timestamp(),
    winston.format.errors({ stack: true }),
    winston.format.printf((i) => `${i.timestamp} [counter] ${i.level}: ${i.message}${i.order ? ` order=${i.order}` : ""}${i.stack ? `\n${i.stack}` : ""}`),
  ),
  transports: [new winston.transports.Console()],
});

const server = http.createServer(async (req, res) => {
  const order = req.url.split("/")[2];
  if (!order) {
    log.warn(`no such page ${req.url}`);
    return res.writeHead(404).end();
  }
  try {
    const answer = await fetch(`http://127.0.0.1:${hearth}/bake/${order}`, { method: "POST", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`hearth answered ${answer.status}`);
    log.info("sold", { order });
    res.writeHead(201).end();
  } catch (err) {
    log.error(err, { order });
    res.writeHead(503).end();
  }
});
server.listen(port, "127.0.0.1", () => log.info(`counter open on ${port}`));
setInterval(() => log.warn("till drawer open for more than 60 s"), 14000);
process.on("SIGTERM", () => {
  log.info("counter closes");
  process.exit(0);
});
