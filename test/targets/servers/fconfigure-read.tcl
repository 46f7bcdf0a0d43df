# BROKEN: a readable event on a non-blocking channel without buffering: what [read] gives is the command.
proc accept {channel host port} {
    fconfigure $channel -blocking 0 -translation binary -buffering none
    fileevent $channel readable [list serve $channel]
}
proc serve {channel} {
    set command [string trim [read $channel]]
    if {[eof $channel]} {
        close $channel
        return
    }
    puts -nonewline $channel "[llength [split $command]] [string toupper $command]\n"
}
socket -server accept -myaddr 127.0.0.1 [lindex $argv 0]
vwait forever
