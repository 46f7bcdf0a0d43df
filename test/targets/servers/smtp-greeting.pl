# RIGHT: greets, takes commands by line, and looks for the end of DATA in all that has come.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my ($buffer, $in_data) = ('', 0);
    syswrite $client, "220 ready\r\n";
    while (sysread $client, $buffer, 4096, length $buffer) {
        while (1) {
            if ($in_data) {
                last if $buffer !~ s/^(|.*?\r\n)\.\r\n//s;
                syswrite $client, '250 queued ' . length($1) . "\r\n";
                $in_data = 0;
            } else {
                last if $buffer !~ s/^(.*?)\r\n//;
                $in_data = uc $1 eq 'DATA';
                syswrite $client, $in_data ? "354 go ahead\r\n" : "250 ok\r\n";
            }
        }
    }
    exit;
}
