# pantry: gives out the loaves that the bakery has, and bakes 26 more every 6 s (plain sockets, sqlite3's own program).
#
#   pantry.rb PORT DB
require "open3"
require "socket"
$stdout.sync = true
def say(level, text) = puts("level=#{level} at=#{Time.now.utc.strftime('%FT%T.%3NZ')} app=pantry #{text}")
def store(statement) = Open3.capture3("sqlite3", "-cmd", ".timeout 4000", ARGV[1], statement)
server = TCPServer.new("127.0.0.1", ARGV[0].to_i)
say "info", "msg=\"pantry open\""
Thread.new { loop { sleep 12; say "warn", "msg=\"mousetrap 3 was not looked after\"" } }
Thread.new do
  loop do
    sleep 6
    out, = store("UPDATE store SET loaves = min(loaves + 26, 36); SELECT loaves FROM store")
    say "info", "msg=\"26 loaves out of the oven\" left=#{out.strip}"
  end
end
loop do
  Thread.start(server.accept) do |socket|
    socket.gets
    loop { break if socket.gets.to_s.strip.empty? }
    out, err = store("UPDATE store SET loaves = loaves - 1; SELECT loaves FROM store")
    if err.empty?
      say "info", "msg=\"loaf given out\" left=#{out.strip}"
      code, text = "200 OK", out.strip
    else
      say "error", "msg=\"no loaf given out\" err=#{err.strip.dump}"
      code, text = "409 Conflict", "no loaf left"
    end
    socket.write("HTTP/1.1 #{code}\r\nContent-Length: #{text.size}\r\nConnection: close\r\n\r\n#{text}")
    socket.close
  end
end
