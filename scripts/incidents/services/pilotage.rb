# pilotage: which ship may enter the harbour when: by the tide, which tidebook knows (Sinatra, Puma).
#
#   pilotage.rb PORT TIDEBOOK_PORT
require "logger"
require "net/http"
require "sinatra/base"

PORT, TIDES = ARGV.map(&:to_i)
LOG = Logger.new($stdout, formatter: proc { |level, at, _, text| "#{at.utc.strftime('%b %d %H:%M:%S.%L')} pilotage #{level.downcase}: #{text}\n" })

class Pilotage < Sinatra::Base
  set :server, :puma
  set :bind, "127.0.0.1"
  set :port, PORT
  set :environment, :production
  set :logging, nil
  set :show_exceptions, false

  get("/enter/:ship") do |ship|
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    answer = Net::HTTP.start("127.0.0.1", TIDES, read_timeout: 5) { |http| http.get("/v1/tides/#{ship.to_i % 25}") }
    unless answer.is_a?(Net::HTTPSuccess)
      LOG.error("ship #{ship.to_i}: no tide, tidebook said #{answer.code}")
      halt 503, "wait outside"
    end
    LOG.info("ship #{ship.to_i} may enter, #{((Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) * 1000).round} ms")
    "enter"
  rescue Net::ReadTimeout, SystemCallError => e
    LOG.error("ship #{ship.to_i}: #{e.class}: #{e.message}")
    halt 503
  end
  not_found { LOG.info("nothing at #{request.path}"); "no" }
  Thread.new { loop { sleep 11; LOG.warn("radar 2 is 40 m off, corrected") } }
end
Pilotage.run!
