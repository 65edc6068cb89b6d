# irrigation: waters the greenhouse by how warm it is; hears it from mosquitto_sub's lines.
#
#   irrigation.rb PORT PASSWORD_FILE
$stdout.sync = true
def say(level, text) = puts("#{Time.now.utc.strftime('%H:%M:%S,%L')} #{level.ljust(6)}irrigation - #{text}")
say "INFO", "valves closed"
hot = 0
IO.popen(["mosquitto_sub", "-p", ARGV[0], "-u", "irrigation", "-P", File.read(ARGV[1]).strip, "-i", "irrigation", "-t", "climate/#", err: [:child, :out]]) do |lines|
  lines.each do |line|
    degrees = line[/"degrees":([\d.]+)/, 1]
    next say("ERROR", line.strip) unless degrees
    hot = degrees.to_f > 23 ? hot + 1 : 0
    say "INFO", "#{degrees} degrees, #{(degrees.to_f / 3).round(1)} l" if rand < 0.5
    say "ERROR", "too hot for #{hot} readings, tank at #{[90 - hot, 0].max} %" if hot > 3
    say "WARN", "valve 2 opened late" if rand < 0.04
  end
end
