# weatherbox: spools the readings of the weather station of each hut for the valley.
#
#   weatherbox.pl DIR
use strict;
use warnings;
use POSIX qw(strftime);

$| = 1;
my ($dir) = @ARGV;
mkdir $dir;
sub out { printf "%s weatherbox(%s): %s\n", strftime("%y-%m-%d %H:%M:%S", gmtime), $_[0], $_[1] }
out("info", "started");
my @spool;
for (my $n = 1 ; ; $n++) {
    select(undef, undef, undef, 0.7 + rand(0.5));
    my $hut  = 1 + int(rand(12));
    my $file = sprintf "%s/%06d.rdg", $dir, $n;
    if (open my $fh, ">", $file) {
        printf $fh "hut=%d wind=%d\n", $hut, rand(40);
        close $fh;
        push @spool, $file;
        out("info", "hut $hut: reading $n spooled");
    } else {
        out("crit", "hut $hut: reading $n lost: $file: $!");
    }
    out("warn", "hut 7: wind vane frozen") if $n % 14 == 0;
    unlink shift @spool while @spool > 10;
}
