// keygate: sends people who forgot their password a new one.
//
//   keygate.js PORT SMTP_PORT
const http = require("node:http");
const net = require("node:net");

const [port, smtp] = process.argv.slice(2).map(Number);
const log = (lvl, evt, extra = "") => console.log(`${new Date().toISOString().replace("T", " ").replace("Z", "")} ${lvl} keygate:${evt}${extra && ` ${extra}`}`);

function send(to) {
  return new Promise((resolve, reject) => {
    const steps = ["EHLO keygate.garden.internal", "MAIL FROM:<keys@garden.example>", `RCPT TO:<${to}>`, "DATA", "Subject: Your key\r\n\r\nCome in.\r\n.", "QUIT"];
    const socket = net.connect(smtp, "127.0.0.1");
    socket.setTimeout(5000, () => socket.destroy(new Error("mail server: timeout")));
    socket.on("error", reject);
    let text = "";
    socket.on("data", (data) => {
      text += data;
      if (!text.endsWith("\n") || /^\d{3}-[^\n]*\n$/.test(text.slice(text.lastIndexOf("\n", text.length - 2) + 1))) return;
      const answer = text.trim().split("\r\n").pop();
      text = "";
      if (answer[0] > "3") {
        socket.end("QUIT\r\n");
        return reject(new Error(`mail server said: ${answer}`));
      }
      if (!steps.length) return resolve(socket.end());
      socket.write(`${steps.shift()}\r\n`);
    });
  });
}

http
  .createServer(async (req, res) => {
    const user = req.url.split("/").pop();
    try {
      await send(`member${user}@post.example`);
      log("info", "sent", `user=${user}`);
      res.writeHead(202).end();
    } catch (err) {
      log("error", "failed", `user=${user} reason="${err.message}"`);
      res.writeHead(500).end();
    }
  })
  .listen(port, "127.0.0.1", () => log("info", "start", `port=${port}`));
setInterval(() => log("warn", "weak", "3 members still use a key of 6 letters"), 15000);
process.on("SIGTERM", () => process.exit(0));
