# polarmet: the forecast for each place.
#
#   polarmet.pl PORT
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;
use POSIX qw(strftime);

$| = 1;
sub out { printf "%s polarmet %-6s %s\n", strftime("%FT%T+0000", gmtime), @_ }
my $daemon = HTTP::Daemon->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1, Listen => 50) or die $!;
out("NOTICE", "forecasting");
my $n = 0;
while (my $client = $daemon->accept) {
    if (my $request = $client->get_request) {
        my ($place) = $request->uri->path =~ m{/(\d+)$};
        my $answer = HTTP::Response->new($place ? 200 : 404, undef, [Connection => "close", "Content-Type" => "text/plain"], ($place || 0) % 9 . "0 cm\n");
        out("NOTICE", "forecast for " . ($place || "nowhere"));
        out("WARN", "balloon 4 does not answer") if ++$n % 18 == 0;
        $client->send_response($answer);
    }
    $client->close;
}
