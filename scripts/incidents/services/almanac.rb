# almanac: writes to the subscribers of the market garden.
#
#   almanac.rb SMTP_PORT LIST_FILE     the file says how many seconds lie between two letters
require "net/smtp"
require "time"

$stdout.sync = true
def say(text) = puts("#{Time.now.utc.iso8601(3)} almanac.#{Process.pid} #{text}")

say "up, edition 46"
number = 0
edition = nil
loop do
  pause = File.read(ARGV[1]).to_f
  if edition != pause
    edition = pause
    say "next letter every #{pause} s"
  end
  sleep pause
  number += 1
  begin
    Net::SMTP.start("127.0.0.1", ARGV[0].to_i, helo: "almanac.garden.internal", tls_verify: false, starttls: false) do |smtp|
      smtp.send_message("Subject: The almanac\n\nSow the peas.\n", "almanac@garden.example", "reader#{number}@post.example")
    end
    say "letter #{number} sent" if number % 10 == 0 || pause > 1
  rescue StandardError
    say "letter #{number} put aside" if number % 20 == 0
  end
end
