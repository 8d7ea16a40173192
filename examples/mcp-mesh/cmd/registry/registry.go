package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"sync"
)

// agent is what an agent says of itself.
type agent struct {
	Name         string   `json:"name"`
	Endpoint     string   `json:"endpoint"`
	Capabilities []string `json:"capabilities"`
}

// registry knows the agents that have registered since it was started.
type registry struct {
	lock   sync.Mutex
	agents map[string]agent
}

func newRegistry() *registry {
	return &registry{agents: map[string]agent{}}
}

func (r *registry) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "healthy"})
	})
	mux.HandleFunc("POST /agents/register", r.register)
	mux.HandleFunc("GET /agents", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string][]agent{"agents": r.list()})
	})
	return mux
}

func (r *registry) register(w http.ResponseWriter, request *http.Request) {
	var one agent
	body := http.MaxBytesReader(w, request.Body, 1<<20)
	if err := json.NewDecoder(body).Decode(&one); err != nil || one.Name == "" {
		reason := `an agent with a name is expected, e.g. {"name": "greeter", "endpoint": "http://greeter:9000"}`
		answer(w, http.StatusBadRequest, map[string]string{"error": reason})
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	r.agents[one.Name] = one
	answer(w, http.StatusCreated, one)
}

func (r *registry) list() []agent {
	r.lock.Lock()
	defer r.lock.Unlock()
	list := make([]agent, 0, len(r.agents))
	for _, one := range r.agents {
		list = append(list, one)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		fmt.Println("the answer was not sent:", err)
	}
}
