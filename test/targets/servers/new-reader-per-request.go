// BROKEN: makes a bufio.Reader for each request; what it has read ahead is thrown away with it.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
)

func readRequest(conn net.Conn) (string, error) {
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func handle(conn net.Conn) {
	defer conn.Close()
	for {
		line, err := readRequest(conn)
		if err != nil {
			return
		}
		fmt.Fprintf(conn, "%d %s\n", len(line), strings.ToUpper(line))
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
