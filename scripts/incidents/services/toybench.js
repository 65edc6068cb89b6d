// toybench: puts toys together; asks lathe for the pieces.
//
//   toybench.js PORT LATHE_PORT
const http = require("node:http");
const winston = require("winston");

const [port, lathe] = process.argv.slice(2).map(Number);
const log = winston.createLogger({ defaultMeta: { service: "toybench" }, format: winston.format.combine(winston.format.timestamp(), winston.format.json()), transports: [new winston.transports.Console()] });
let toys = 0;

async function piece(toy) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${lathe}/piece/${toy}`, { signal: AbortSignal.timeout(3000) });
      return await answer.text();
    } catch (err) {
      if (attempt === 3) throw err;
      log.warn("lathe did not answer, trying again", { toy, attempt, cause: err.cause?.code || err.message });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

http
  .createServer(async (req, res) => {
    const toy = Number(req.url.split("/").pop());
    if (!toy) {
      log.warn("no such toy", { url: req.url });
      return res.writeHead(404).end();
    }
    try {
      const width = await piece(toy);
      log.info("toy done", { toy, width });
      if (++toys % 17 === 0) log.warn("glue takes long to dry", { humidity: 0.71 });
      res.writeHead(201).end();
    } catch (err) {
      log.error("toy given up", { toy, error: err.message, code: err.cause?.code });
      res.writeHead(503).end();
    }
  })
  .listen(port, "127.0.0.1", () => log.info("toybench ready", { port }));
