# BROKEN: one sysread() is one line.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    while (sysread $client, my $line, 1024) {
        $line =~ s/[\r\n]+$//;
        my ($verb, @words) = split ' ', $line;
        syswrite $client, uc($verb // 'nothing') . ' with ' . @words . " words\r\n";
    }
    exit;
}
