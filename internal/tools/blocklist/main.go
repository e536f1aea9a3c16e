// Command blocklist prints the list of passwords that generated services refuse
// (clause P3): long enough for the length rule, but among the first that a
// guesser tries. The list is made from words and rules, so that no collection of
// stolen passwords has to be shipped, and comes out the same every time:
//
//	go run ./internal/tools/blocklist > templates/common/base/__assets__/passwords.txt
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	for _, password := range list() {
		fmt.Fprintln(out, password)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "blocklist:", err)
		os.Exit(1)
	}
}
