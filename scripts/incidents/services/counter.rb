# counter: the post office's counters ask parcelbook (Sinatra, Puma).
#
#   counter.rb PORT PARCELBOOK_PORT
require "logger"
require "net/http"
require "sinatra/base"

PORT, BOOK = ARGV.map(&:to_i)

class Counter < Sinatra::Base
  set :server, :puma
  set :bind, "127.0.0.1"
  set :port, PORT
  set :environment, :production
  set :logging, nil
  set :show_exceptions, false
  LOG = Logger.new($stdout)
  use Rack::CommonLogger, $stdout

  def ask(request)
    answer = Net::HTTP.start("127.0.0.1", BOOK, read_timeout: 8) { |http| http.request(request) }
    unless answer.is_a?(Net::HTTPSuccess)
      LOG.error("parcelbook said #{answer.code} to #{request.method} #{request.path}")
      halt 502
    end
    answer.body
  rescue Net::ReadTimeout, SystemCallError => e
    LOG.error("#{request.method} #{request.path}: #{e.class}: #{e.message}")
    halt 504
  end

  post("/parcel/:n") { |n| ask(Net::HTTP::Post.new("/parcel/#{n.to_i}")) }
  get("/parcel/:n") { |n| ask(Net::HTTP::Get.new("/parcel/#{n.to_i}")) }
  Thread.new { loop { sleep 12; LOG.warn("the scales of counter 3 were not calibrated this year") } }
  LOG.info("counter opens")
end
Counter.run!
