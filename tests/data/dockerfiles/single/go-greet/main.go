package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	words, err := os.ReadFile("/etc/greet/greeting.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	text := strings.TrimSpace(string(words)) + " " + os.Getenv("GREETING_NAME")
	if len(os.Args) > 1 && os.Args[1] == "--loud" {
		text = strings.ToUpper(text)
	}
	fmt.Println(text)
}
