// Command scaffold generates services that keep one security contract.
package main

import "os"

func main() {
	os.Exit(0)
}
