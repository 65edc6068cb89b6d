// reception: the vet's front desk (Fastify without its logger, Winston in the style of syslog levels): asks triage.
//
//   reception.js PORT TRIAGE_PORT
const { createLogger, format, transports, config } = require("winston");

const [port, triage] = process.argv.slice(2).map(Number);
const log = createLogger({
  levels: config.syslog.levels,
  format: format.combine(format.timestamp({ format: "YYYY-MM-DD HH:mm:ss.SSS" }), format.errors({ stack: true }), format.json()),
  defaultMeta: { service: "reception" },
  transports: [new transports.Console()],
});
const app = require("fastify")();
app.get("/patient/:n", async (req, reply) => {
  const start = Date.now();
  try {
    const answer = await fetch(`http://127.0.0.1:${triage}/triage/${req.params.n}`, { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) throw new Error(`triage said ${answer.status}: ${(await answer.text()).trim()}`);
    log.info("patient called in", { patient: req.params.n, ms: Date.now() - start });
    return await answer.text();
  } catch (err) {
    log.error("patient has to wait", { patient: req.params.n, reason: err.message, ms: Date.now() - start });
    return reply.code(503).send("please wait");
  }
});
app.setNotFoundHandler((req, reply) => { log.notice("no such page", { url: req.url }); reply.code(404).send(); });
setInterval(() => log.warning("printer of room 2 has little paper"), 12000);
app.listen({ port, host: "127.0.0.1" }, () => log.info("reception open", { port }));
process.on("SIGTERM", () => { log.info("reception closed"); process.exit(0); });
