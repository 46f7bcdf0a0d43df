# RIGHT: [gets] on a non-blocking channel gives -1 until the line is complete.
proc accept {channel host port} {
    fconfigure $channel -blocking 0 -translation {lf lf} -buffering line
    fileevent $channel readable [list serve $channel]
}
proc serve {channel} {
    while {[gets $channel line] >= 0} {
        set command [string trim $line]
        puts $channel "[llength [split $command]] [string toupper $command]"
    }
    if {[eof $channel]} {
        close $channel
    }
}
socket -server accept -myaddr 127.0.0.1 [lindex $argv 0]
vwait forever
