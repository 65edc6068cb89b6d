// stagedoor: the opera's stage hands ask for props here.
//
//   stagedoor.js PORT PROPS_PORT
const http = require("node:http");

const [port, props] = process.argv.slice(2).map(Number);
const out = (level, text) => console.log(`${new Date().toISOString().replace("T", " ").slice(0, 23)} | ${level.padEnd(5)} | stagedoor | ${text}`);
http.createServer(async (req, res) => {
  if (!req.url.startsWith("/prop/")) {
    out("DEBUG", `nothing at ${req.url}`);
    return res.writeHead(404).end();
  }
  const start = Date.now();
  try {
    const answer = await fetch(`http://127.0.0.1:${props}${req.url}`, { signal: AbortSignal.timeout(6000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`props answered ${answer.status} (${text})`);
    out("INFO", `${req.url} handed out after ${Date.now() - start} ms`);
    res.end(text);
  } catch (err) {
    out("ERROR", `${req.url} not handed out after ${Date.now() - start} ms: ${err.message}`);
    res.writeHead(503).end();
  }
}).listen(port, "127.0.0.1", () => out("INFO", `open on ${port}`));
setInterval(() => out("WARN", "lift of the left wing is slow today"), 12000);
process.on("SIGTERM", () => process.exit(0));
