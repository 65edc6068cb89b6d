# weigh: weighs bags, one after the other, and the belts' guard too: asks carousel whether it lives (WEBrick-less, plain sockets).
#
#   weigh.rb PORT CAROUSEL_PORT CAROUSEL_PID_FILE
require "net/http"
require "socket"
$stdout.sync = true
def say(level, text) = puts("#{Time.now.utc.strftime('%Y-%m-%d %H:%M:%S.%6N')} [weigh] <#{level}> #{text}")

port, carousel = ARGV[0].to_i, ARGV[1].to_i
Thread.new do
  missed = 0
  loop do
    sleep 6
    begin
      Net::HTTP.start("127.0.0.1", carousel, read_timeout: 4) { |http| http.get("/alive") }
      missed = 0
      say "debug", "carousel is alive"
    rescue Net::ReadTimeout, SystemCallError => e
      missed += 1
      say "err", "carousel does not say whether it lives (#{e.class}), #{missed} times"
      if missed == 2
        say "notice", "asking carousel for its threads"
        Process.kill("QUIT", File.read(ARGV[2]).to_i)
      end
    end
  end
end
Thread.new { loop { sleep 11; say "warn", "scale 2 shows 40 g when empty" } }
server = TCPServer.new("127.0.0.1", port)
say "info", "scales on #{port}"
loop do
  Thread.start(server.accept) do |socket|
    line = socket.gets.to_s
    loop { break if socket.gets.to_s.strip.empty? }
    bag = line[%r{/weigh/(\d+)}, 1].to_i
    text = "#{(7 + bag % 16)} kg"
    say "info", "bag #{bag}: #{text}"
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: #{text.size}\r\nConnection: close\r\n\r\n#{text}")
    socket.close
  end
end
