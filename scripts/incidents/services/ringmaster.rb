# ringmaster: announces acts; finds tentpost by name.
#
#   ringmaster.rb DNS_PORT TENTPOST_PORT
require "resolv"
require "net/http"
require "logger"

$stdout.sync = true
log = Logger.new($stdout, progname: "ringmaster", formatter: proc { |s, t, name, m| "#{t.utc.strftime('%FT%T.%6NZ')} #{s} -- #{name}: #{m}\n" })
dns = Resolv::DNS.new(nameserver_port: [["127.0.0.1", ARGV[0].to_i]])
dns.timeouts = 2
log.info("ladies and gentlemen")
(1..).each do |n|
  sleep 0.6 + rand * 0.7
  begin
    address = dns.getaddress("tents.circus.internal").to_s
    act = Net::HTTP.start(address, ARGV[1].to_i, open_timeout: 2, read_timeout: 3) { |http| http.get("/tent/#{n % 5}").body.strip }
    log.info("now: #{act}")
  rescue StandardError => e
    log.error("the show does not go on: #{e.class}: #{e.message}")
  end
  log.warn("top hat missing") if n % 17 == 0
end
