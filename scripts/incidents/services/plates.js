// plates: keeps the observatory's readings (Express with its own body parser and error handler, console in the style of debug).
//
//   plates.js PORT
const express = require("express");
const stars = new Map();
let last = Date.now();
const say = (what, text) => process.stderr.write(`${new Date().toUTCString().slice(5, 25)} plates:${what} ${text}\n`);
const app = express().use(express.json());
app.post("/reading", (req, res) => {
  stars.set(String(req.body.star), req.body.flux);
  last = Date.now();
  say("reading", `star ${req.body.star} flux ${req.body.flux}`);
  res.send("kept");
});
app.get("/star/:n", (req, res) => {
  const age = Math.round((Date.now() - last) / 1000);
  if (age > 8) {
    say("error", `star ${req.params.n} asked for, newest reading is ${age} s old`);
    return res.status(503).send(`stale since ${age} s`);
  }
  res.send(String(stars.get(req.params.n) ?? 0));
});
app.use((err, req, res, next) => {
  say("error", `${req.method} ${req.url}: ${err.stack}`);
  res.status(err.status ?? 500).send("bad");
});
setInterval(() => say("warn", "plate 1977-B is scratched, skipped"), 12000);
app.listen(Number(process.argv[2]), "127.0.0.1", () => say("start", `listening on ${process.argv[2]}`));
process.on("SIGTERM", () => process.exit(0));
