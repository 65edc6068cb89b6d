# scale: weighs the lorries of the farm.
#
#   scale.pl ADDRESS PORT
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;
use Log::Log4perl qw(:easy);

Log::Log4perl->easy_init({ level => $INFO, file => "STDOUT", layout => "[%p] %d{ISO8601} %c{1} (%P) %m%n", category => "scale" });
my $log = Log::Log4perl->get_logger("scale");
$| = 1;
my $daemon = HTTP::Daemon->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1], ReuseAddr => 1, Listen => 50) or die $!;
$log->info("weighing on $ARGV[0]:$ARGV[1]");
my $n = 0;
while (my $client = $daemon->accept) {
    if (my $request = $client->get_request) {
        my $kg = 7000 + int(rand(20000));
        $log->info($request->uri->path . ": $kg kg");
        $log->warn("zero point drifted by 4 kg") if ++$n % 16 == 0;
        $client->send_response(HTTP::Response->new(200, undef, ["Content-Type" => "text/plain", Connection => "close"], "$kg\n"));
    }
    $client->close;
}
