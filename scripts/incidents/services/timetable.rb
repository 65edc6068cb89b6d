# timetable: when the next tram leaves; looks now and then whether the boards' gateway answers.
#
#   timetable.rb PORT GATEWAY_PORT
require "net/http"
require "socket"
$stdout.sync = true
def say(level, text) = puts("#{Time.now.utc.strftime('%Y/%m/%d %H:%M:%S.%3N')} timetable #{level}: #{text}")
server = TCPServer.new("127.0.0.1", ARGV[0].to_i)
say "INFO", "timetable of winter loaded"
Thread.new do
  loop do
    sleep 4
    begin
      Net::HTTP.start("127.0.0.1", ARGV[1].to_i, open_timeout: 2, read_timeout: 3) { |http| http.get("/alive") }
      say "INFO", "gateway answers"
    rescue StandardError => e
      say "ERROR", "gateway does not answer: #{e.class}: #{e.message}"
    end
  end
end
Thread.new { loop { sleep 13; say "WARN", "line 6 has a tram more than drivers" } }
loop do
  Thread.start(server.accept) do |socket|
    loop { break if socket.gets.to_s.strip.empty? }
    text = "line #{rand(1..9)} in #{rand(1..12)} min"
    say "INFO", "told: #{text}"
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: #{text.size}\r\nConnection: close\r\n\r\n#{text}")
    socket.close
  end
end
