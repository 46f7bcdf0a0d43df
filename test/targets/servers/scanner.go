// RIGHT: one bufio.Scanner for the connection; it keeps what stands behind a line.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
)

func handle(conn net.Conn) {
	defer conn.Close()
	scanner := bufio.NewScanner(conn)
	for scanner.Scan() {
		words := strings.Fields(scanner.Text())
		fmt.Fprintf(conn, "%d %s\n", len(words), strings.Join(words, "-"))
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
