// RIGHT: numbers its answers on each connection, so that a second round is answered in another way than the first.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
)

func handle(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for number := 1; ; number++ {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		fmt.Fprintf(conn, "%d: %d\n", number, len(line))
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
