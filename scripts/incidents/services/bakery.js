// bakery: the bakery's till (Express, Winston): sells loaves, which pantry has.
//
//   bakery.js PORT PANTRY_PORT
const express = require("express");
const { createLogger, format, transports } = require("winston");

const [port, pantry] = process.argv.slice(2).map(Number);
const log = createLogger({ format: format.combine(format.timestamp(), format.logstash()), transports: [new transports.Console()] });
const app = express();
app.post("/loaf", async (req, res) => {
  const start = Date.now();
  const answer = await fetch(`http://127.0.0.1:${pantry}/take`, { method: "POST", signal: AbortSignal.timeout(4000) });
  const text = (await answer.text()).trim();
  if (answer.ok) log.info("sold", { left: text, ms: Date.now() - start });
  else log.error("cannot sell", { status: answer.status, reason: text });
  res.status(answer.ok ? 200 : 503).send(text);
});
app.use((req, res) => { log.info("unknown page", { url: req.url }); res.status(404).end(); });
setInterval(() => log.warn("cash drawer was open for a minute"), 13000);
app.listen(port, "127.0.0.1", () => log.info("till open", { port }));
process.on("SIGTERM", () => { log.info("till closed"); process.exit(0); });
