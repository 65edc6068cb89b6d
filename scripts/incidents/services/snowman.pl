# snowman: rides for tour groups; books each of them at the desk.
#
#   snowman.pl DESK_PORT
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);

$| = 1;
my $http = HTTP::Tiny->new(timeout => 6, keep_alive => 0);
sub note { print strftime("[%d.%m.%Y %H:%M:%S]", gmtime), " snowman ", shift, ": ", shift, "\n" }
note("NOTICE", "groups are waiting");
for (my $group = 1 ; ; $group++) {
    select(undef, undef, undef, 0.8 + rand(0.9));
    my $km     = 5 + int(rand(30));
    my $answer = $http->request("POST", "http://127.0.0.1:$ARGV[0]/ride/$km");
    if ($answer->{success}) { note("NOTICE", "group $group rides $km km") }
    else                    { note("ALERT", "group $group stays in the cold: $answer->{status} $answer->{reason}") }
    note("WARNING", "group $group has a dog") if $group % 14 == 0;
}
