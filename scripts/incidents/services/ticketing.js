// ticketing: the aquarium's visitors; asks tanks what they want to see. Fastify with its own logger (pino).
//
//   ticketing.js PORT TANKS_PORT
const [port, tanks] = process.argv.slice(2).map(Number);
const app = require("fastify")({ logger: { base: { name: "ticketing" } } });

async function ask(req, method, path, body) {
  const answer = await fetch(`http://127.0.0.1:${tanks}${path}`, { method, body, signal: AbortSignal.timeout(4000) });
  const text = await answer.text();
  if (!answer.ok) {
    req.log.error({ path, upstream: answer.status, text }, "tanks did not do it");
    throw Object.assign(new Error(`tanks answered ${answer.status}`), { statusCode: 502 });
  }
  return text;
}
app.get("/visit/:tank", (req) => ask(req, "GET", `/tank/${req.params.tank}`));
app.post("/feed/:tank", (req) => ask(req, "POST", `/feed/${req.params.tank}`, JSON.stringify(req.body)));
setInterval(() => app.log.warn("price list of last season is still installed"), 14000);
app.listen({ port, host: "127.0.0.1" });
process.on("SIGTERM", () => app.log.info("ticketing closing") || process.exit(0));
