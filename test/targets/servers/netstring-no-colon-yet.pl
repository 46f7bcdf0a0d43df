# BROKEN: a buffer without a colon is "no netstring", also when only its digits have come.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $buffer = '';
    while (sysread $client, $buffer, 4096, length $buffer) {
        while (length $buffer) {
            my ($length) = $buffer =~ /^(\d+):/ or do { syswrite $client, '3:bad,'; exit };
            last if length $buffer < length($length) + $length + 2;
            my $reply = reverse substr $buffer, length($length) + 1, $length;
            syswrite $client, length($reply) . ":$reply,";
            substr($buffer, 0, length($length) + $length + 2) = '';
        }
    }
    exit;
}
