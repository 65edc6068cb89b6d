// playbill: the editors' desk of the cinema; writes the programme, which everybody else reads from the web server.
//
//   playbill.js PROGRAMME_FILE CHANGES_FILE
const fs = require("node:fs");
const [file, changesFile] = process.argv.slice(2);
const stamp = () => new Date().toISOString().slice(0, 19).replace(/[-:]/g, "");
const log = (tag, text) => console.log(`${stamp()} ${tag} playbill ${text}`);

let edition = 1420;
log("..", "desk opens");
setInterval(() => {
  edition++;
  const shows = [];
  for (let id = 1; id <= 24; id++) shows.push({ id, title: `Reel ${id}`, hall: 1 + (id % 4), cents: 700 + 50 * (id % 5), starts: `2026-11-${String(1 + id).padStart(2, "0")}T20:15:00Z` });
  const changes = JSON.parse(fs.readFileSync(changesFile, "utf8"));
  for (const change of changes) Object.assign(shows[change.id - 1], change);
  fs.writeFileSync(`${file}.new`, JSON.stringify({ edition, shows }));
  fs.renameSync(`${file}.new`, file);
  log("..", `edition ${edition}: ${shows.length} shows, changed: ${changes.map((c) => `${c.id} (${Object.keys(c).slice(1).map((k) => `${k} ${c[k]}`).join(", ")})`).join("; ") || "none"}`);
  if (edition % 4 === 0) log("!!", "show 9 has no poster");
}, 3000);
