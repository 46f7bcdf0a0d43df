// BROKEN: io.ReadAtLeast fills a buffer with at least a header of four bytes. It may get more: the rest of the body
// is read behind that, but what belongs to the next message is dropped.
package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
)

func handle(conn net.Conn) {
	defer conn.Close()
	for {
		buffer := make([]byte, 4096)
		got, err := io.ReadAtLeast(conn, buffer, 4)
		if err != nil {
			return
		}
		end := 4 + int(binary.BigEndian.Uint32(buffer))
		if end > len(buffer) {
			return
		}
		if got < end {
			if _, err := io.ReadFull(conn, buffer[got:end]); err != nil {
				return
			}
		}
		fmt.Fprintf(conn, "%d %08x\n", end-4, crc32.ChecksumIEEE(buffer[4:end]))
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
