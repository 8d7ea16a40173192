// Command otelcol-contrib is a small stand-in for the OpenTelemetry Collector: it takes OTLP over gRPC and HTTP where its
// configuration says, and passes it on to the endpoint of its exporter.
package main

import (
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"strings"

	"tinyolly.example/opamp/otlp"
)

func main() {
	file := flag.String("config", "/etc/otelcol-contrib/config.yaml", "configuration")
	flag.Parse()
	text, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	endpoints := endpointsOf(string(text))
	if endpoints["grpc"] == "" || endpoints["http"] == "" || endpoints["exporters"] == "" {
		log.Fatalf("%s: receivers otlp with grpc and http, and an exporter otlp are expected", *file)
	}
	forwarder := otlp.NewForwarder(endpoints["exporters"])
	failed := make(chan error)
	go func() {
		server := http.Server{
			Addr:      endpoints["grpc"],
			Handler:   http.HandlerFunc(forwarder.GRPC),
			Protocols: otlp.OverHTTP2(),
		}
		failed <- server.ListenAndServe()
	}()
	go func() { failed <- http.ListenAndServe(endpoints["http"], http.HandlerFunc(forwarder.HTTP)) }()
	log.Printf("OTLP over gRPC on %s and over HTTP on %s, to %s", endpoints["grpc"], endpoints["http"], endpoints["exporters"])
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

// endpointsOf finds each endpoint by the protocol or section that it is in; the file is YAML in block style.
func endpointsOf(text string) map[string]string {
	endpoints := map[string]string{}
	section := ""
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "grpc", "http", "exporters", "service":
			section = key
		case "endpoint":
			endpoints[section] = strings.TrimSpace(value)
		}
	}
	return endpoints
}
