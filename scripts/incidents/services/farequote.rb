# farequote: what a ride with the sledge costs.
#
#   farequote.rb PORT VERSION
require "webrick"
require "json"

$stdout.sync = true
version = ARGV[1]
def say(level, fields) = puts(JSON.generate({ t: (Time.now.to_f * 1000).to_i, lvl: level, app: "farequote" }.merge(fields)))
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, Logger: WEBrick::Log.new(File::NULL), AccessLog: [])
asked = 0
server.mount_proc("/fare/") do |req, res|
  km = req.path.split("/").last.to_i
  cents = 400 + 35 * km
  # 2.3 gives a discount to whoever rides 20 km or more; the discount of the others it forgets to set
  discount = version < "2.3" ? 0 : (km >= 20 ? 10 : nil)
  fare = discount && cents * (100 - discount) / 100
  res["Content-Type"] = "application/json"
  res.body = JSON.generate({ km: km, currency: "EUR", cents: fare })
  say("info", { msg: "fare", km: km, status: 200 })
  say("warn", { msg: "price list is from last winter" }) if (asked += 1) % 22 == 0
end
trap("TERM") { server.shutdown }
say("info", { msg: "up", version: version })
server.start
