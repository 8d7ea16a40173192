package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// model is what a stand-in knows of one: the real program downloads weights here.
type model struct {
	Name   string `json:"name"`
	Format string `json:"format"`
}

// store is a folder with a file for each installed model.
type store struct{ folder string }

var namePattern = regexp.MustCompile(`^[a-z0-9]+/[A-Za-z0-9._-]+@[A-Za-z0-9._-]+$`)

func openStore() (store, error) {
	folder := os.Getenv("AXON_HOME")
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return store{}, err
		}
		folder = filepath.Join(home, ".axon")
	}
	return store{folder}, nil
}

func (s store) file(name string) (string, error) {
	if !namePattern.MatchString(name) {
		return "", fmt.Errorf("%q is no model, e.g. hf/bert-base-uncased@latest", name)
	}
	return filepath.Join(s.folder, "models", strings.ReplaceAll(name, "/", "_")+".json"), nil
}

func (s store) install(name string) error {
	file, err := s.file(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(model{Name: name, Format: "stand-in"})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	fmt.Println("installed", name)
	return nil
}

func (s store) register(name string) error {
	file, err := s.file(name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s is not installed: axon install %s", name, name)
	}
	base := os.Getenv("MLOS_CORE_URL")
	if base == "" {
		base = "http://localhost:8080"
	}
	request, err := http.NewRequest(http.MethodPut, base+"/models/"+name, bytes.NewReader(text))
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("%s answers %s: %s", base, response.Status, body)
	}
	fmt.Println("registered", name)
	return nil
}

func (s store) list() error {
	files, err := filepath.Glob(filepath.Join(s.folder, "models", "*.json"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var found model
		if err := json.Unmarshal(text, &found); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		fmt.Println(found.Name)
	}
	return nil
}
