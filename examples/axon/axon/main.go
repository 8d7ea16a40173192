// Command axon installs models and registers them with MLOS Core.
package main

import (
	"fmt"
	"os"
	"runtime"
)

// version is set by the linker.
var version = "development"

const usage = `usage:
  axon install MODEL@VERSION    e.g. hf/bert-base-uncased@latest
  axon register MODEL@VERSION   with the MLOS Core at $MLOS_CORE_URL (http://localhost:8080)
  axon list
  axon --version
Models are in $AXON_HOME (~/.axon).`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "axon:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 1 && (arguments[0] == "--version" || arguments[0] == "version") {
		fmt.Printf("axon %s (%s/%s)\n", version, runtime.GOOS, runtime.GOARCH)
		return nil
	}
	store, err := openStore()
	if err != nil {
		return err
	}
	switch {
	case len(arguments) == 2 && arguments[0] == "install":
		return store.install(arguments[1])
	case len(arguments) == 2 && arguments[0] == "register":
		return store.register(arguments[1])
	case len(arguments) == 1 && arguments[0] == "list":
		return store.list()
	}
	return fmt.Errorf("%q is no command\n%s", arguments, usage)
}
