# BROKEN: greets, takes commands by line, but looks for the end of DATA in the newest chunk only.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my ($buffer, $mail) = ('', undef);
    syswrite $client, "220 ready\r\n";
    while (sysread $client, my $chunk, 4096) {
        if (defined $mail) {
            $mail .= $chunk;
            next if $chunk !~ /\r\n\.\r\n/;
            $mail =~ s/^(.*?\r\n)\.\r\n//s;
            syswrite $client, '250 queued ' . length($1) . "\r\n";
            ($buffer, $mail) = ($mail, undef);
        } else {
            $buffer .= $chunk;
        }
        while (!defined $mail && $buffer =~ s/^(.*?)\r\n//) {
            my $is_data = uc $1 eq 'DATA';
            syswrite $client, $is_data ? "354 go ahead\r\n" : "250 ok\r\n";
            ($mail, $buffer) = ($buffer, '') if $is_data;
        }
    }
    exit;
}
