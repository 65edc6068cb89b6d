// lobby: the front of the chess club (Express, pino): members sign up with pairings, and look at their ratings.
//
//   lobby.js PORT PAIRINGS_PORT RATINGS_PORT
const express = require("express");
const pino = require("pino");

const [port, pairings, ratings] = process.argv.slice(2).map(Number);
const log = pino({ name: "lobby", base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } });
const app = express().use(express.json());

function forward(service, port) {
  return async (req, res) => {
    const start = Date.now();
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${req.originalUrl}`, {
        method: req.method, body: req.method === "POST" ? JSON.stringify(req.body) : undefined, signal: AbortSignal.timeout(3000) });
      res.status(answer.status).send(await answer.text());
      log.info({ method: req.method, url: req.originalUrl, status: answer.status, ms: Date.now() - start }, `${service} answered`);
    } catch (err) {
      res.status(504).send("later");
      log.error({ method: req.method, url: req.originalUrl, ms: Date.now() - start, err }, `${service} did not answer`);
    }
  };
}
app.post("/signup/:round", forward("pairings", pairings));
app.get("/table/:round", forward("pairings", pairings));
app.get("/rating/:member", forward("ratings", ratings));
app.use((req, res) => { res.status(404).end(); log.info({ url: req.originalUrl, status: 404 }, "no such page"); });
setInterval(() => log.warn({ days: 9 }, "newsletter not confirmed by its provider"), 12500);
app.listen(port, "127.0.0.1", () => log.info({ port }, "lobby open"));
process.on("SIGTERM", () => { log.info("lobby closes"); process.exit(0); });
