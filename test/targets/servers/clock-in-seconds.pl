# RIGHT: every answer has the time of day, in seconds: two quick ones are equal, later ones are not.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    while (my $line = <$client>) {
        my ($seconds, $minutes, $hours) = gmtime;
        syswrite $client, sprintf("%02d:%02d:%02d %s", $hours, $minutes, $seconds, $line);
    }
    exit;
}
