# baskets: takes the orders of the market garden; each is confirmed by mail.
#
#   baskets.pl PORT SMTP_PORT
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;
use Net::SMTP;
use POSIX qw(strftime);

$| = 1;
sub say_ { my ($level, $text) = @_; printf "%s %s [%d] baskets - %s\n", strftime("%a %b %e %H:%M:%S %Y", gmtime), $level, $$, $text }

sub confirm {
    my ($order) = @_;
    my $smtp = Net::SMTP->new("127.0.0.1", Port => $ARGV[1], Timeout => 5, Hello => "baskets.garden.internal") or die "no connection to the mail server: $@\n";
    for ([mail => 'orders@garden.example'], [to => "customer$order\@post.example"], ["data"], [datasend => "Subject: Your basket $order\n\nThank you.\n"], ["dataend"]) {
        my ($step, @args) = @$_;
        $smtp->$step(@args) or die sprintf("%s: %d %s", uc $step, $smtp->code, $smtp->message);
    }
    $smtp->quit;
}

my $daemon = HTTP::Daemon->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1, Listen => 50) or die $!;
say_("INFO", "taking orders on port $ARGV[0]");
$SIG{TERM} = sub { say_("INFO", "closed"); exit };
my $n = 0;
while (my $client = $daemon->accept) {
    while (my $request = $client->get_request) {
        my ($order) = $request->uri->path =~ m{^/basket/(\d+)$};
        my $status = 404;
        if ($order) {
            $status = eval { confirm($order); 201 } || 503;
            my $error = $@;
            $error =~ s/\s+$//;
            $error =~ s/\n/ /g;
            $status == 201 ? say_("INFO", "order $order confirmed") : say_("ERROR", "order $order not confirmed: $error");
            say_("WARN", "no strawberries left, sending cherries") if ++$n % 12 == 0;
        }
        $client->send_response(HTTP::Response->new($status, undef, ["Content-Length" => 0, Connection => "close"]));
        last;
    }
    $client->close;
}
