// audioguide: tells visitors of the museum about a work; asks catalogue where it hangs.
//
//   audioguide.js PORT CATALOGUE_PORT RELEASE     release 2.3.0 keeps the speech of each work that was ever told
const http = require("node:http");

const [port, catalogue] = process.argv.slice(2).map(Number);
const release = process.argv[4];
const speeches = [];
const write = (out, severity, message, more) => out.write(JSON.stringify({ severity, message, component: "audioguide", ...more }) + "\n");

http.createServer(async (req, res) => {
  if (req.url === "/healthz") return res.end("ok");
  const work = req.url.split("/")[2];
  if (!req.url.startsWith("/listen/")) return res.writeHead(404).end();
  try {
    const answer = await fetch(`http://127.0.0.1:${catalogue}/piece/${work}`, { signal: AbortSignal.timeout(2000) });
    if (!answer.ok) throw new Error(`catalogue: HTTP ${answer.status}`);
    if (release === "2.3.0") speeches.push(Buffer.alloc(3 << 20, work));
    res.end(`you stand in room ${(await answer.json()).room}`);
    write(process.stdout, "INFO", `work ${work} told`);
  } catch (err) {
    res.writeHead(502).end("sorry");
    write(process.stderr, "ERROR", `work ${work} not told: ${err.message}`, { cause: err.cause?.code, address: `catalogue:${catalogue}` });
  }
}).listen(port, "127.0.0.1", () => write(process.stdout, "INFO", `audioguide ${release} on ${port}`));
setInterval(() => write(process.stderr, "WARNING", "voice of room 9 is in mono"), 13000);
process.on("SIGTERM", () => process.exit(0));
