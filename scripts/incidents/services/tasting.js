// tasting: the tasting room; finds vat by name and asks what is in it.
//
//   tasting.js PORT DNS_PORT VAT_PORT
const http = require("node:http");
const dns = require("node:dns").promises;

const [port, dnsPort, vatPort] = process.argv.slice(2).map(Number);
const resolver = new dns.Resolver({ timeout: 1500, tries: 2 });
resolver.setServers([`127.0.0.1:${dnsPort}`]);
const log = (level, ...what) => console.log(`[${new Date().toISOString()}] ${level.padEnd(5)} (tasting/${process.pid}):`, ...what);

let served = 0;
http
  .createServer(async (req, res) => {
    try {
      const [address] = await resolver.resolve4("vat.vineyard.internal");
      const answer = await fetch(`http://${address}:${vatPort}/vat/${req.url.split("/").pop()}`, { signal: AbortSignal.timeout(3000) });
      const { litres } = await answer.json();
      log("INFO", `${req.url} -> ${litres} l`);
      if (++served % 15 === 0) log("WARN", "glass 12 came back chipped");
      res.end("cheers\n");
    } catch (err) {
      log("ERROR", `${req.url} failed`, err);
      res.writeHead(500).end();
    }
  })
  .listen(port, "127.0.0.1", () => log("INFO", `open on ${port}`));
process.on("SIGTERM", () => process.exit(0));
