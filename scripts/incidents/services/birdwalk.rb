# birdwalk: what visitors of the reserve see; asks sightings.
#
#   birdwalk.rb PORT SIGHTINGS_PORT
require "webrick"
require "net/http"

$stdout.sync = true
def say(level, text) = puts("#{level}, #{Time.now.utc.strftime('%d.%m. %H:%M:%S.%L')} birdwalk| #{text}")
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, Logger: WEBrick::Log.new(File::NULL), AccessLog: [])
server.mount_proc("/walk/") do |req, res|
  bird = req.path.split("/").last.to_i
  begin
    http = Net::HTTP.new("127.0.0.1", ARGV[1].to_i)
    http.read_timeout = 5
    answer = http.get("/bird/#{bird}")
    raise "sightings says #{answer.code} #{answer.message}" unless answer.code == "200"
    say("I", "walk to bird #{bird}")
  rescue StandardError => e
    say("E", "no walk to bird #{bird}: #{e.class}: #{e.message}")
    res.status = 502
  end
end
server.mount_proc("/") { |req, res| say("W", "no path #{req.path}"); res.status = 404 }
trap("TERM") { server.shutdown }
say("I", "open on #{ARGV[0]}")
server.start
