// readers: the library's page for readers (Fastify, pino with severities as in Google's logs): asks lending.
//
//   readers.js PORT LENDING_PORT
const pino = require("pino");
const [port, lending] = process.argv.slice(2).map(Number);
const severity = { 30: "INFO", 40: "WARNING", 50: "ERROR" };
const log = pino({ base: null, messageKey: "message", timestamp: () => `,"timestamp":{"seconds":${Math.floor(Date.now() / 1000)},"nanos":${(Date.now() % 1000) * 1e6}}`, formatters: { level: (_, n) => ({ severity: severity[n] ?? "DEFAULT" }) } });
const app = require("fastify")();
app.get("/book/:n", async (req, reply) => {
  const start = Date.now();
  const answer = await fetch(`http://127.0.0.1:${lending}/book/${req.params.n}`).catch((err) => ({ ok: false, status: 0, text: () => err.message }));
  const httpRequest = { requestUrl: req.url, status: answer.status, latency: `${(Date.now() - start) / 1000}s` };
  if (answer.ok) log.info({ httpRequest }, "book lent to a reader");
  else log.error({ httpRequest, lending: await answer.text() }, "book not lent to a reader");
  return reply.code(answer.ok ? 200 : 503).send();
});
app.setNotFoundHandler((req, reply) => { log.info({ url: req.url }, "not found"); reply.code(404).send(); });
setInterval(() => log.warn({ count: 3 }, "overdue letters were returned"), 11000);
app.listen({ port, host: "127.0.0.1" }, () => log.info({ port }, "readers may come"));
process.on("SIGTERM", () => process.exit(0));
