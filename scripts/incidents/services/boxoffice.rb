# boxoffice: sells seats of the circus (Sinatra on Puma with four threads): asks payer to take the money.
#
#   boxoffice.rb, started by puma; PAYER is the URL of payer
require "logger"
require "net/http"
require "sinatra/base"
$stdout.sync = true

class Boxoffice < Sinatra::Base
  set :environment, :production
  set :logging, nil
  set :show_exceptions, false
  LOG = Logger.new($stdout, formatter: proc { |level, at, _, text| "[#{at.utc.strftime('%Y-%m-%dT%H:%M:%S.%6N')} ##{Process.pid}] #{level.ljust(5)} #{text}\n" })

  before { @start = Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  after do
    LOG.info("Completed #{response.status} for #{request.request_method} #{request.path} in #{((Process.clock_gettime(Process::CLOCK_MONOTONIC) - @start) * 1000).round}ms")
  end

  get("/seats") { "#{rand(20..90)} seats\n" }
  post("/buy/:seat") do |seat|
    LOG.info("Started POST /buy/#{seat.to_i}")
    uri = URI("#{ENV.fetch('PAYER')}/v2/charges/#{seat.to_i}")
    answer = Net::HTTP.start(uri.host, uri.port, read_timeout: 20) { |http| http.request(Net::HTTP::Post.new(uri)) }
    unless answer.is_a?(Net::HTTPSuccess)
      LOG.error("seat #{seat.to_i} not sold: payer said #{answer.code}")
      halt 502
    end
    "sold\n"
  end
  Thread.new { loop { sleep 12; LOG.warn("DEPRECATION: seat maps of 2024 are still read") } }
end
