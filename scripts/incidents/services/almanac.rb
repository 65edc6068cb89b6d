<<<<<<< HEAD
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
=======
# almanac: tells visitors of the observatory how bright a star is, which plates knows (Sinatra, Puma).
#
#   almanac.rb PORT PLATES_PORT
require "json"
require "net/http"
require "sinatra/base"

PORT, PLATES = ARGV.map(&:to_i)

class Almanac < Sinatra::Base
  set :server, :puma
  set :bind, "127.0.0.1"
  set :port, PORT
  set :environment, :production
  set :logging, nil
  set :show_exceptions, false

  def self.log(level, message, **more) = $stdout.puts(JSON.generate(severity: level, at: Time.now.utc.strftime("%FT%T.%L%z"), message: message, **more))

  get("/star/:n") do |n|
    answer = Net::HTTP.start("127.0.0.1", PLATES, read_timeout: 4) { |http| http.get("/star/#{n.to_i}") }
    unless answer.is_a?(Net::HTTPSuccess)
      Almanac.log("error", "star not shown", star: n.to_i, plates: answer.code.to_i, text: answer.body)
      halt 503
    end
    Almanac.log("info", "star shown", star: n.to_i)
    answer.body
  rescue SystemCallError, Net::ReadTimeout => e
    Almanac.log("error", "star not shown", star: n.to_i, exception: e.class.name, text: e.message)
    halt 503
  end
  not_found { Almanac.log("info", "not found", path: request.path); "" }
  Thread.new { loop { sleep 13; log("warn", "moon phase is from the printed table") } }
end
Almanac.run!
>>>>>>> inc-b
