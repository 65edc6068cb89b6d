// nursery: sells plants of the greenhouse; they are kept in MariaDB.
//
//   nursery.js PORT MARIADB_PORT
const http = require("node:http");
const mysql = require("mysql2/promise");

const [port, dbPort] = process.argv.slice(2).map(Number);
const log = (lvl, msg) => console.log(`${new Date().toISOString()} nursery[${process.pid}] ${lvl.padStart(7)} ${msg}`);
const pool = mysql.createPool({ host: "127.0.0.1", port: dbPort, user: "app", password: "flour", database: "shop", connectionLimit: 4, queueLimit: 12 });
let sold = 0;
http
  .createServer(async (req, res) => {
    const [, what, plant] = req.url.split("/");
    try {
      if (what === "sell") {
        const [done] = await pool.execute("UPDATE plant SET pots = pots - 1 WHERE id = ?", [Number(plant) || 0]);
        if (!done.affectedRows) {
          log("notice", `no plant ${plant}`);
          return res.writeHead(404).end();
        }
        log("info", `plant ${plant} sold`);
        if (++sold % 18 === 0) log("warning", "greenfly in row 4");
      } else {
        const [rows] = await pool.execute("SELECT pots FROM plant WHERE id = ?", [Number(plant) || 0]);
        log("info", `plant ${plant}: ${rows[0]?.pots} pots`);
      }
      res.end("ok\n");
    } catch (err) {
      log("error", `${req.method} ${req.url}: ${err.code || err.name}: ${err.message}`);
      res.writeHead(503).end();
    }
  })
  .listen(port, "127.0.0.1", () => log("info", `open on ${port}`));
process.on("SIGTERM", () => process.exit(0));
