// Command mlos-core serves models: inference on one port, health and metrics on another.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// version is set by the linker.
var version = "development"

func main() {
	configFile := flag.String("config", "", "file of lines `key: value`: api, management")
	showVersion := flag.Bool("version", false, "print the version and exit")
	healthcheck := flag.Bool("healthcheck", false, "ask a running server for its health and exit")
	flag.Parse()
	if *showVersion {
		fmt.Printf("mlos-core %s (%s/%s)\n", version, runtime.GOOS, runtime.GOARCH)
		return
	}
	settings, err := readSettings(*configFile)
	if err != nil {
		log.Fatal(err)
	}
	if *healthcheck {
		err = checkHealth(settings)
	} else {
		err = serve(settings)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// serve answers on both addresses until the process is asked to end, or one of them fails.
func serve(settings Settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	models := NewModels()
	servers := []*http.Server{
		{Addr: settings.API, Handler: apiHandler(models), ReadHeaderTimeout: 5 * time.Second},
		{Addr: settings.Management, Handler: managementHandler(models), ReadHeaderTimeout: 5 * time.Second},
	}
	failed := make(chan error, len(servers))
	for _, server := range servers {
		// With port 0 the system chooses one, and only the listener knows it.
		listener, err := net.Listen("tcp", server.Addr)
		if err != nil {
			return err
		}
		log.Printf("mlos-core %s listens on %s", version, listener.Addr())
		go func() { failed <- server.Serve(listener) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	drain, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, server := range servers {
		_ = server.Shutdown(drain)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
