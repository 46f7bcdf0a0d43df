// BROKEN: one conn.Read is one command.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

func handle(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 1024)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		switch fields := strings.Fields(string(buffer[:n])); {
		case len(fields) == 2 && fields[0] == "DEL":
			fmt.Fprintf(conn, ":%d\r\n", len(fields[1]))
		case len(fields) == 1 && fields[0] == "PING":
			fmt.Fprint(conn, "+PONG\r\n")
		default:
			fmt.Fprint(conn, "-ERR unknown command\r\n")
		}
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
