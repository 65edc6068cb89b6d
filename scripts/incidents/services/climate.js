// climate: the thermometers of the greenhouse, and the alarm if it gets too hot, as nobody moves the vents. Talks MQTT by hand.
//
//   climate.js PORT PASSWORD_FILE
const fs = require("node:fs");
const net = require("node:net");

const [port, file] = process.argv.slice(2);
let degrees = 21, moved = Date.now(), buffer = Buffer.alloc(0);
const say = (level, text) => console.log(`${level} [${new Date().toISOString()}] (climate/${process.pid} on greenhouse-2): ${text}`);
const text = (s) => Buffer.concat([Buffer.from([s.length >> 8, s.length & 255]), Buffer.from(s)]);
function packet(type, ...parts) {
  const body = Buffer.concat(parts), length = [];
  let n = body.length;
  do { length.push((n > 127 ? 128 : 0) | (n & 127)); n >>= 7; } while (n);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}
const socket = net.connect(Number(port), "127.0.0.1", () =>
  socket.write(packet(0x10, text("MQTT"), Buffer.from([4, 0xc2, 0, 60]), text("climate"), text("climate"), text(fs.readFileSync(file, "utf8").trim()))));
socket.on("data", (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  while (buffer.length >= 2 && buffer.length >= 2 + buffer[1]) {
    if (buffer[0] === 0x20) {
      say("INFO", `broker answers ${buffer[3]}`);
      socket.write(packet(0x82, Buffer.from([0, 1]), text("vents/open"), Buffer.from([0])));
    } else if (buffer[0] >> 4 === 3) moved = Date.now();
    buffer = buffer.subarray(2 + buffer[1]);
  }
});
socket.on("error", (err) => say("FATAL", err.message));
setInterval(() => {
  degrees = Date.now() - moved > 4000 ? degrees + 0.4 : 21 + Math.random();
  socket.write(packet(0x30, text(`climate/house${1 + Math.floor(Math.random() * 4)}`), Buffer.from(JSON.stringify({ degrees: +degrees.toFixed(1) }))));
  if (degrees > 23) say("ERROR", `${degrees.toFixed(1)} degrees and the vents do not move since ${Math.round((Date.now() - moved) / 1000)} s`);
  else say("INFO", `${degrees.toFixed(1)} degrees`);
}, 800);
setInterval(() => say("WARN", "thermometer 9 is silent"), 11000);
