package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAgentsThatRegisterAreListed(t *testing.T) {
	server := httptest.NewServer(newRegistry().handler())
	defer server.Close()
	for _, name := range []string{"weather", "greeter"} {
		body := strings.NewReader(`{"name": "` + name + `", "endpoint": "http://` + name + `:9000"}`)
		response, err := http.Post(server.URL+"/agents/register", "application/json", body)
		if err != nil || response.StatusCode != http.StatusCreated {
			t.Fatalf("%v %v", response, err)
		}
	}
	response, err := http.Get(server.URL + "/agents")
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Agents []agent }
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		t.Fatal(err)
	}
	if len(found.Agents) != 2 || found.Agents[0].Name != "greeter" || found.Agents[1].Name != "weather" {
		t.Errorf("%+v", found.Agents)
	}
}

func TestAnAgentWithoutANameIsRefused(t *testing.T) {
	server := httptest.NewServer(newRegistry().handler())
	defer server.Close()
	for _, body := range []string{`{}`, `no JSON`} {
		response, err := http.Post(server.URL+"/agents/register", "application/json", strings.NewReader(body))
		if err != nil || response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %v %v", body, response, err)
		}
	}
}

func TestHealth(t *testing.T) {
	server := httptest.NewServer(newRegistry().handler())
	if err := checkHealth(server.URL + "/health"); err != nil {
		t.Error(err)
	}
	if err := checkHealth(server.URL + "/elsewhere"); err == nil {
		t.Error("an address that is not there was healthy")
	}
	server.Close()
	if err := checkHealth(server.URL + "/health"); err == nil {
		t.Error("a registry that is down was healthy")
	}
}
