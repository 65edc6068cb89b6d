# toll: the tariffs of the canal line; the file says how long its table takes to look through.
#
#   toll.rb PORT FILE
require "webrick"
require "logger"

$stdout.sync = true
log = Logger.new($stdout, formatter: proc { |severity, time, _, message| "#{time.utc.strftime('%Y-%m-%d %H:%M:%S,%L')} [#{severity.ljust(5)}] toll - #{message}\n" })
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, Logger: WEBrick::Log.new(File::NULL), AccessLog: [])
asked = 0
server.mount_proc("/tariff/") do |req, res|
  weight = req.path.split("/").last.to_i
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  sleep File.read(ARGV[1]).to_f * (0.8 + rand * 0.4)
  res.body = "#{weight * 3 + 2}.00\n"
  log.info("tariff for #{weight} kg: #{((Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) * 1000).round} ms")
  log.warn("table of locks is from last season") if (asked += 1) % 25 == 0
end
trap("TERM") { server.shutdown }
log.info("ready on #{ARGV[0]}")
server.start
