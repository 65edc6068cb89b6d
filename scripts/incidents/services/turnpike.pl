# turnpike: the screens in the museum; each asks the cache for a picture every second or so.
#
#   turnpike.pl CACHE_PORT
use strict;
use warnings;
use HTTP::Tiny;
use Log::Log4perl qw(:easy);

Log::Log4perl->easy_init({ level => $INFO, file => "STDOUT", layout => "%d{yyyy/MM/dd HH:mm:ss} %p> %F{1}:%L %M - %m%n" });
$| = 1;
my $http = HTTP::Tiny->new(timeout => 5, keep_alive => 0);
INFO("screens 1 to 8 are on");
for (my $n = 1 ; ; $n++) {
    select(undef, undef, undef, 0.3 + rand(0.6));
    my $screen  = 1 + int(rand(8));
    my $picture = 1 + int(rand(40));
    WARN("screen 6 reports a dead pixel") if $n % 25 == 0;
    my $answer = $http->get("http://127.0.0.1:$ARGV[0]/picture/$picture");
    if ($answer->{success}) {
        INFO("screen $screen shows picture $picture");
    } else {
        ERROR("screen $screen stays dark: picture $picture: $answer->{status} $answer->{reason}");
    }
}
