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
