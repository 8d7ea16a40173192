// Command opampsupervisor is a small stand-in for OpenTelemetry's OpAMP supervisor: it runs the Collector, reports to an
// OpAMP server over plain HTTP, and restarts the Collector with the configuration that the server offers.
package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tinyolly.example/opamp/wire"
)

const (
	interval = 2 * time.Second
	largest  = 1 << 20
)

func main() {
	file := flag.String("config", "", "configuration")
	flag.Parse()
	text, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	settings := settingsOf(string(text))
	endpoint, executable, storage := settings["endpoint"], settings["executable"], settings["directory"]
	if server := os.Getenv("OPAMP_SERVER"); server != "" {
		endpoint = server
	}
	config := filepath.Join(storage, "collector.yaml")
	var instance [16]byte
	rand.Read(instance[:])
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)

	collector := start(executable, config)
	known := []byte{}
	for {
		offered, hash, err := report(endpoint, instance[:])
		if err != nil {
			log.Print(err)
		} else if offered != nil && !bytes.Equal(hash, known) {
			known = hash
			if err := os.WriteFile(config, offered, 0o644); err != nil {
				log.Fatal(err)
			}
			log.Print("the server offers another configuration: the Collector starts again")
			stop(collector)
			collector = start(executable, config)
		}
		select {
		case <-ended:
			stop(collector)
			return
		case <-collector.ended:
			log.Print("the Collector has ended: it starts again")
			time.Sleep(interval)
			collector = start(executable, config)
		case <-time.After(interval):
		}
	}
}

// process is a running Collector.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

func start(executable, config string) process {
	command := exec.Command(executable, "--config", config)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		log.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		command.Wait()
		close(ended)
	}()
	return process{command, ended}
}

func stop(collector process) {
	collector.command.Process.Signal(syscall.SIGTERM)
	<-collector.ended
}

// report sends an AgentToServer. It returns the configuration that the answer offers, and its hash.
func report(endpoint string, instance []byte) (config, hash []byte, err error) {
	body := bytes.NewReader(wire.Bytes(nil, wire.AgentInstance, instance))
	answer, err := http.Post(endpoint, "application/x-protobuf", body)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, largest))
	if err != nil {
		return nil, nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, nil, errors.New(answer.Status)
	}
	message, err := wire.Fields(content)
	if err != nil || message[wire.ServerConfig] == nil {
		return nil, nil, err
	}
	remote, err := wire.Fields(message[wire.ServerConfig])
	if err != nil {
		return nil, nil, err
	}
	path := []int{wire.ConfigMapEntry, wire.EntryValue, wire.ConfigFileBody}
	config = remote[wire.RemoteConfigMap]
	for _, field := range path {
		fields, err := wire.Fields(config)
		if err != nil {
			return nil, nil, err
		}
		config = fields[field]
	}
	return config, remote[wire.RemoteConfigHash], nil
}

// settingsOf reads `key: value` lines; the file is YAML in block style, and no key is in two sections.
func settingsOf(text string) map[string]string {
	settings := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
			settings[key] = strings.TrimSpace(value)
		}
	}
	return settings
}
