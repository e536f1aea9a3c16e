// Command scaffold takes requirements, recommends a stack, generates a service
// that keeps one security contract, and verifies it.
package main

import (
	"context"
	"os"

	"example.com/scaffold/internal/cli"
	"example.com/scaffold/internal/iostreams"
)

func main() { os.Exit(cli.Main(context.Background(), os.Args[1:], iostreams.System())) }
