// Probe looks names up from inside a pod: probe NAME... It prints each name with its addresses, a line each, and fails
// with the resolver's message at the first that has none.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	for _, name := range os.Args[1:] {
		addresses, err := net.LookupHost(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(name, strings.Join(addresses, " "))
	}
}
