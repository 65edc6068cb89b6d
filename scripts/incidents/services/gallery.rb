# gallery: the museum's pictures, one page each.
#
#   gallery.rb PORT
require "webrick"
require "logger"

log = Logger.new($stdout, progname: "gallery")
$stdout.sync = true
access = [[$stdout, '%h %l %u %t "%r" %s %b %T']]
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, Logger: log, AccessLog: access)
server.mount_proc("/alive") { |_, res| res.body = "yes\n" }
server.mount_proc("/picture/") do |req, res|
  number = req.path.split("/").last.to_i
  log.warn("picture #{number} has no English caption") if number % 13 == 0
  res["Cache-Control"] = "max-age=1"
  res.body = "<h1>Picture #{number}</h1>\n" * 20
end
server.mount_proc("/") { |_, res| res.status = 404 }
trap("TERM") { server.shutdown }
server.start
