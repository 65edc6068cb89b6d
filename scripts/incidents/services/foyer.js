// foyer: the library's web pages; asks wicket who the reader is.
//
//   foyer.js PORT WICKET_PORT
const http = require("node:http");

const [port, wicket] = process.argv.slice(2).map(Number);
let serial = 0;

function log(level, msg, fields = {}) {
  console.log(JSON.stringify({ level, time: new Date().toISOString(), name: "foyer", msg, ...fields }));
}

async function ask(path) {
  const answer = await fetch(`http://127.0.0.1:${wicket}${path}`, { signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`wicket answered ${answer.status} to ${path}`);
  return answer.json();
}

const server = http.createServer(async (req, res) => {
  const reqId = `f-${++serial}`;
  const start = performance.now();
  try {
    const [, page, reader] = req.url.split("/");
    const body = JSON.stringify(await ask(page === "login" ? `/signin/${reader}` : `/touch/${reader}`));
    res.writeHead(200, { "content-type": "application/json" }).end(body);
    log("info", "page served", { reqId, page, ms: Math.round(performance.now() - start) });
  } catch (err) {
    res.writeHead(502).end("sorry");
    log("error", "page failed", { reqId, url: req.url, err: err.message, stack: err.stack });
  }
});
setInterval(() => log("warn", "feature file older than the code, ignoring 2 entries"), 13000);
server.listen(port, "127.0.0.1", () => log("info", "foyer ready", { port, node: process.version }));
process.on("SIGTERM", () => {
  log("info", "foyer closing");
  process.exit(0);
});
