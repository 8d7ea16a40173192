package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Settings are the addresses that the server listens on.
type Settings struct {
	API        string
	Management string
}

// readSettings reads a file of lines "key: value"; without one the defaults hold.
func readSettings(file string) (Settings, error) {
	settings := Settings{API: ":8080", Management: ":8081"}
	if file == "" {
		return settings, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return settings, err
	}
	known := map[string]*string{"api": &settings.API, "management": &settings.Management}
	for number, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, found := strings.Cut(line, ":")
		field := known[strings.TrimSpace(key)]
		if !found || field == nil {
			return settings, fmt.Errorf("%s, line %d: %q is not \"api: ADDRESS\" or \"management: ADDRESS\"", file, number+1, line)
		}
		*field = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return settings, nil
}

// checkHealth asks both servers: there is no shell and no curl in the image.
func checkHealth(settings Settings) error {
	client := &http.Client{Timeout: 3 * time.Second}
	for _, address := range []string{settings.API, settings.Management} {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		response, err := client.Get("http://localhost:" + port + "/health")
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("port %s answers %s", port, response.Status)
		}
	}
	return nil
}
