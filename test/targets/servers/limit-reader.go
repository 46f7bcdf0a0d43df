// RIGHT: io.Copy of an io.LimitReader takes the body, however long it is.
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
		var size uint32
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		sum := crc32.NewIEEE()
		if n, err := io.Copy(sum, io.LimitReader(conn, int64(size))); err != nil || n < int64(size) {
			return
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
