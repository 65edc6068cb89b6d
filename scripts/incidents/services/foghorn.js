// foghorn: sounds whatever Alertmanager sends.
//
//   foghorn.js PORT
const http = require("node:http");

const port = Number(process.argv[2]);
const log = (level, text) => console.log(`${new Date().toUTCString()} | foghorn | ${level} | ${text}`);
http
  .createServer((req, res) => {
    let body = "";
    req.on("data", (data) => (body += data));
    req.on("end", () => {
      for (const a of JSON.parse(body).alerts) log(a.labels.severity.toUpperCase(), `${a.status}: ${a.labels.alertname} ${a.labels.job || ""} ${a.annotations.summary || ""}`);
      res.end();
    });
  })
  .listen(port, "127.0.0.1", () => log("INFO", `listening on ${port}`));
