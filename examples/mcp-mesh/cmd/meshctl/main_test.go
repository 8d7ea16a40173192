package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func output(t *testing.T, arguments ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(arguments, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestVersionAndHelp(t *testing.T) {
	if text := output(t, "version"); !strings.HasPrefix(text, "meshctl development (") {
		t.Error(text)
	}
	if text := output(t); text != usage {
		t.Error(text)
	}
	if err := run([]string{"dance"}, &bytes.Buffer{}); err == nil {
		t.Error("an unknown command was accepted")
	}
}

func TestListsTheAgentsOfARegistry(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/agents" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, `{"agents": [{"name": "greeter", "endpoint": "http://greeter:9000"}]}`)
	}))
	defer server.Close()
	if text := output(t, "list", server.URL+"/"); text != "greeter\thttp://greeter:9000\n" {
		t.Error(text)
	}
	if err := run([]string{"list", server.URL + "/elsewhere"}, &bytes.Buffer{}); err == nil {
		t.Error("an answer that is none was accepted")
	}
}
