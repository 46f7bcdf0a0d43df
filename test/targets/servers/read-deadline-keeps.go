// RIGHT: the same deadline, but what had come is kept for the next turn.
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
	have := 0
	for {
		conn.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
		n, err := io.ReadFull(conn, record[have:])
		have += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue // nothing to do yet
		}
		if err != nil {
			return
		}
		have = 0
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
