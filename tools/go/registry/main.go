// Command registry is the CNCF Distribution registry with the parts the
// embedded default needs: the filesystem driver, basic and token authentication,
// and a guard against the neighbors on a machine.
// Cloud storage drivers are left out; they triple the time it takes to compile.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if os.Getenv(folderVariable) != "" {
		registry.RegisterHandler(guarded)
	}
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}

func guarded(config *configuration.Configuration, handler http.Handler) http.Handler {
	guard, err := newGuard(config.HTTP.Addr, handler)
	if err != nil {
		log.Fatal(err)
	}
	if err := guard.serveIPv6(); err != nil {
		log.Fatal(err)
	}
	return guard
}
