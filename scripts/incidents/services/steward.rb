# steward: draws tickets for those who come to the fair's tent, one after the other.
#
#   steward.rb URL
require "net/http"
$stdout.sync = true
def say(level, text) = puts("#{Time.now.utc.strftime('%a %d %b %Y %H:%M:%S UTC')} steward.#{level} #{text}")
say "info", "tent open"
failed = 0
loop do
  sleep(rand(1.0..2.0))
  n = rand(1..400)
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  begin
    uri = URI("#{ARGV[0]}/tickets/#{n}")
    answer = Net::HTTP.start(uri.host, uri.port, read_timeout: 5) { |http| http.get(uri) }
    raise "HTTP #{answer.code}" unless answer.is_a?(Net::HTTPSuccess)
    say "info", "ticket #{n} handed out in #{((Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) * 1000).round} ms"
    failed = 0
  rescue StandardError => e
    failed += 1
    say "error", "no ticket #{n}: #{e.message} (#{e.class}), #{failed} people wait"
  end
  say "warn", "change is short" if rand < 0.05
end
