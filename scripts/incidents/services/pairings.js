// pairings: who plays whom at which table of the chess club. Node.js alone, with console.log.
//
//   pairings.js PORT RATINGS_PORT
const http = require("node:http");

const [port, ratings] = process.argv.slice(2).map(Number);
const say = (text) => console.log(`[${new Date().toISOString().slice(11, 23)}] pairings/${process.pid} ${text}`);
const rounds = new Map();
const NAME = /^(\p{L}+[ '.-]?)+$/u;

http.createServer(async (req, res) => {
  const [, what, round] = req.url.split("/");
  let body = "";
  for await (const chunk of req) body += chunk;
  const players = rounds.get(round) ?? rounds.set(round, []).get(round);
  if (what === "signup") {
    const { name } = JSON.parse(body);
    if (!NAME.test(name)) {
      say(`round ${round}: a name that is none, refused`);
      return res.writeHead(422).end("name?");
    }
    if (players.push(name) > 30) players.shift();
    say(`round ${round}: ${name} signed up, ${players.length} players`);
  }
  res.end(JSON.stringify({ round, tables: Math.ceil(players.length / 2) }));
}).listen(port, "127.0.0.1", () => say(`up on ${port}`));

setInterval(async () => {
  try {
    const answer = await fetch(`http://127.0.0.1:${ratings}/rating/7`);
    say(`ratings synchronised, ${await answer.text()}`);
  } catch (err) {
    say(`ratings not synchronised: ${err.message}`);
  }
}, 10000);
setInterval(() => say("warning: two players with the same birthday and name, kept both"), 17000);
