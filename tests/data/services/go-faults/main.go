// A web service that first does one thing which a slim image may not be made for; its argument says which.
package main

import (
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"os"
	"os/user"
	"time"
)

func tmp() error {
	file, err := os.CreateTemp("/tmp", "tide")
	if err == nil {
		err = file.Close()
	}
	return err
}

func certificates() error {
	pool, err := x509.SystemCertPool()
	if err == nil && pool.Equal(x509.NewCertPool()) {
		err = x509.SystemRootsError{}
	}
	return err
}

func zones() error {
	_, err := time.LoadLocation("Europe/" + os.Args[2])
	return err
}

func passwd() error {
	_, err := user.Current()
	return err
}

func font() error {
	_, err := os.ReadFile("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
	return err
}

func write() error {
	return os.WriteFile("/data/state", []byte("high"), 0o600)
}

func nothing() error {
	return nil
}

var tasks = map[string]func() error{
	"tmp": tmp, "certificates": certificates, "zones": zones, "passwd": passwd, "font": font, "write": write, "nothing": nothing,
}

func main() {
	if err := tasks[os.Args[1]](); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":8080")
	for err == nil {
		var caller net.Conn
		if caller, err = listener.Accept(); err == nil {
			go answer(caller)
		}
	}
	log.Fatal(err)
}

func answer(caller net.Conn) {
	defer caller.Close()
	if _, err := caller.Read(make([]byte, 4096)); err == nil {
		fmt.Fprint(caller, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
	}
}
