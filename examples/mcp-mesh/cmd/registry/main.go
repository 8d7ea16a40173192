// Command registry is the service in which agents of the mesh find each other.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dhyansraj/mcp-mesh/internal/version"
)

func main() {
	address := flag.String("listen", ":8000", "address to listen on")
	showVersion := flag.Bool("version", false, "print the version and exit")
	healthcheck := flag.String("healthcheck", "", "ask the registry at this URL for its health and exit")
	flag.Parse()

	var err error
	switch {
	case *showVersion:
		fmt.Println(version.Of("registry"))
	case *healthcheck != "":
		err = checkHealth(*healthcheck)
	default:
		err = serve(*address)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// serve answers until the process is asked to end.
func serve(address string) error {
	server := &http.Server{Addr: address, Handler: newRegistry().handler(), ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(drain)
	}()
	log.Printf("%s listens on %s", version.Of("registry"), address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// checkHealth is for the image's health check: there is no curl in it.
func checkHealth(url string) error {
	client := &http.Client{Timeout: 3 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
