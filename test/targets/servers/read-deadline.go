// BROKEN: a deadline of 250 ms that lets the loop look after other things; io.ReadFull drops what it had.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func handle(conn net.Conn) {
	defer conn.Close()
	record := make([]byte, 16)
	for {
		conn.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
		_, err := io.ReadFull(conn, record)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue // nothing to do yet
		}
		if err != nil {
			return
		}
		fmt.Fprintf(conn, "%d: %d\n", binary.BigEndian.Uint64(record), binary.BigEndian.Uint64(record[8:]))
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		if conn, err := listener.Accept(); err == nil {
			go handle(conn)
		}
	}
}
