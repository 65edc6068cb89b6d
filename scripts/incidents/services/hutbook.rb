# hutbook: the entries of hikers in the book of each hut, one file an entry; the post runner takes them away.
#
#   hutbook.rb PORT DIR
require "webrick"
require "logger"
require "fileutils"

$stdout.sync = true
log = Logger.new($stdout)
FileUtils.mkdir_p(ARGV[1])
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, Logger: log, AccessLog: [])
log.level = Logger::INFO
server.mount_proc("/entry/") do |req, res|
  hiker = req.path.split("/").last
  name = "#{ARGV[1]}/#{Time.now.to_f}-#{hiker}.txt"
  File.write(name, "hiker #{hiker} was here\n")
  log.info("hiker #{hiker} signed the book")
  log.warn("hiker #{hiker} goes alone") if hiker.to_i % 14 == 0
  res.status = 201
end
Thread.new do
  loop do
    sleep 10
    gone = Dir["#{ARGV[1]}/*.txt"].each { |f| File.unlink(f) }
    log.info("post runner took #{gone.size} entries")
  end
end
trap("TERM") { server.shutdown }
server.start
