// passdesk: sells passes of the ski school, as signed tokens (Winston).
//
//   passdesk.js PORT SECRET_FILE
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const { createLogger, format, transports } = require("winston");

const [port, file] = process.argv.slice(2);
const secret = fs.readFileSync(file, "utf8").trim();
const log = createLogger({
  format: format.combine(format.timestamp(), format.label({ label: "passdesk" }), format.printf((i) => `${i.timestamp} [${i.label}] ${i.level}: ${i.message}`)),
  transports: [new transports.Console()],
});
const part = (o) => Buffer.from(JSON.stringify(o)).toString("base64url");

http.createServer((req, res) => {
  const skier = Number(req.url.split("/")[2]);
  const body = part({ alg: "HS256", typ: "JWT" }) + "." + part({ sub: skier, iat: Math.floor(Date.now() / 1000) });
  res.end(body + "." + crypto.createHmac("sha256", secret).update(body).digest("base64url"));
  log.info(`pass issued to skier ${skier}`);
}).listen(Number(port), "127.0.0.1", () => log.info(`passdesk open on port ${port}`));
setInterval(() => log.warn("season prices end next week"), 15000);
process.on("SIGTERM", () => { log.info("passdesk closes"); process.exit(0); });
