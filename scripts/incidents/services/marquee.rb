# marquee: the lights above the door of the cinema; reads the programme every second.
#
#   marquee.rb PROGRAMME_URL
require "json"
require "net/http"
require "date"

$stdout.sync = true
def say(text) = puts("[#{Time.now.utc.strftime('%H:%M:%S.%3N')}] marquee: #{text}")
say "lights on"
turn = 0
loop do
  sleep 1.1
  programme = JSON.parse(Net::HTTP.get(URI(ARGV[0])))
  shows = programme["shows"].sort_by { |s| DateTime.iso8601(s["starts"]) }
  turn += 1
  say "edition #{programme['edition']}: #{shows.sample['title']}, #{shows.size} shows" if turn % 2 == 0
  say "WARN: bulb #{turn % 90} flickers" if turn % 13 == 0
end
