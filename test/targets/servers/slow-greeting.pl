# RIGHT: looks up a name before it greets, which takes between 0 and 120 ms; what the client sends meanwhile waits.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    srand;
    select undef, undef, undef, rand 0.12;
    syswrite $client, "220 ready\r\n";
    while (my $line = <$client>) {
        $line =~ s/\r\n$//;
        syswrite $client, "250 " . length($line) . "\r\n";
    }
    exit;
}
