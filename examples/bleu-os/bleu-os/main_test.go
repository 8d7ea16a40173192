package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersionNamesTheRelease(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"--version"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "Bleu OS "+version+" (") {
		t.Errorf("printed %q", out.String())
	}
}

func TestAnUnknownCommandIsRefused(t *testing.T) {
	if err := run([]string{"dance"}, &bytes.Buffer{}); err == nil {
		t.Error("was accepted")
	}
}

func TestCheckComparesConsoleAndSystem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bleu-release")
	for text, expected := range map[string]bool{
		"Bleu OS " + version + "\n": true,
		"Bleu OS 0.0.1\n":          false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := check(file); (err == nil) != expected {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := check(file + ".missing"); err == nil {
		t.Error("a missing file was accepted")
	}
}
