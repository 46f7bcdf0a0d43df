// BROKEN: copies a body in blocks of 64 KiB with io.ReadFull, and takes the shorter rest by one Read.
package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
)

const block = 65536

func handle(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, block)
	for {
		var size uint32
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		sum := crc32.NewIEEE()
		left := int(size)
		for ; left >= block; left -= block {
			if _, err := io.ReadFull(conn, buffer); err != nil {
				return
			}
			sum.Write(buffer)
		}
		if left > 0 {
			n, err := conn.Read(buffer[:left])
			if err != nil {
				return
			}
			sum.Write(buffer[:n])
		}
		fmt.Fprintf(conn, "%08x\n", sum.Sum32())
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
