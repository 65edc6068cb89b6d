// Command knowgen writes the failure knowledge of a folder of YAML files as Go values.
//
//	knowgen FOLDER FILE.go
package main

import (
	"log"
	"os"

	"github.com/rca-engine/rca/internal/know"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("knowgen FOLDER FILE.go")
	}
	l, err := know.Read(os.DirFS(os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	b, err := know.Source(l)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[2], b, 0o644); err != nil {
		log.Fatal(err)
	}
}
