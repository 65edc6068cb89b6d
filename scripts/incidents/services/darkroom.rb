# darkroom: develops portraits of the yearbook and hands them to portraits.
#
#   darkroom.rb URL
require "logger"
require "net/http"
$stdout.sync = true
log = Logger.new($stdout, progname: "darkroom", datetime_format: "%Y-%m-%d %H:%M:%S")
log.info("first film in the bath")
failed = 0
loop do
  sleep(rand(0.6..1.4))
  pupil = rand(1..60)
  begin
    answer = Net::HTTP.post(URI("#{ARGV[0]}/portraits/#{pupil}"), "\xFF\xD8" + "x" * rand(3000..9000))
    if answer.is_a?(Net::HTTPSuccess)
      log.info("portrait of pupil #{pupil} handed over")
      failed = 0
    else
      failed += 1
      log.error("portraits refused pupil #{pupil}: #{answer.code} #{answer.message}, #{failed} in a row")
    end
  rescue SystemCallError, Net::ReadTimeout => e
    log.error("portraits not reached: #{e.message}")
  end
  log.warn("fixer is nearly used up") if rand < 0.05
end
