// boards: the gateway of the tram's departure boards: a WebSocket for each board, told every 3 s what timetable says (ws, pino).
//
//   boards.js PORT TIMETABLE_PORT
const http = require("node:http");
const pino = require("pino");
const { WebSocketServer } = require("ws");

const [port, timetable] = process.argv.slice(2).map(Number);
const log = pino({ base: { app: "boards" }, timestamp: pino.stdTimeFunctions.unixTime, formatters: { level: (l) => ({ lvl: l }) } });
const server = http.createServer((req, res) => {
  log.info({ url: req.url }, "asked by http");
  res.end("ok");
});
const sockets = new WebSocketServer({ server });
sockets.on("connection", (ws, req) => {
  const board = req.url.slice(1);
  log.info({ board, open: sockets.clients.size }, "board connected");
  ws.on("close", (code) => log.info({ board, code }, "board gone"));
});
setInterval(async () => {
  try {
    const text = await new Promise((resolve, reject) => {
      http.get({ port: timetable, host: "127.0.0.1", path: "/next", agent: false, timeout: 2500 }, (res) => {
        let all = "";
        res.on("data", (d) => (all += d)).on("end", () => resolve(all));
      }).on("error", reject);
    });
    for (const ws of sockets.clients) ws.send(text);
    log.info({ boards: sockets.clients.size }, "departures sent");
  } catch (err) {
    log.error({ err, boards: sockets.clients.size }, "departures not sent, timetable not asked");
  }
}, 3000);
setInterval(() => log.warn({ stop: 14 }, "stop has two names"), 11000);
server.listen(port, "127.0.0.1", () => log.info({ port }, "gateway open"));
process.on("SIGTERM", () => process.exit(0));
