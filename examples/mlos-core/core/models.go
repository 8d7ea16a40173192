package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
)

// Models are those that were registered, by name, and how often each was asked.
type Models struct {
	mutex sync.Mutex
	calls map[string]int
}

// NewModels has none registered.
func NewModels() *Models { return &Models{calls: map[string]int{}} }

func (models *Models) register(name string) {
	models.mutex.Lock()
	defer models.mutex.Unlock()
	models.calls[name] += 0
}

// called counts a call. It is false where nobody registered the model.
func (models *Models) called(name string) bool {
	models.mutex.Lock()
	defer models.mutex.Unlock()
	if _, known := models.calls[name]; !known {
		return false
	}
	models.calls[name]++
	return true
}

// metrics are in the text format of Prometheus.
func (models *Models) metrics() string {
	models.mutex.Lock()
	defer models.mutex.Unlock()
	names := make([]string, 0, len(models.calls))
	for name := range models.calls {
		names = append(names, name)
	}
	sort.Strings(names)
	text := "# TYPE mlos_inferences_total counter\n"
	for _, name := range names {
		text += fmt.Sprintf("mlos_inferences_total{model=%q} %d\n", name, models.calls[name])
	}
	return text
}

// apiHandler answers GET /health and /version, PUT /models/NAME and POST /models/NAME/inference.
func apiHandler(models *Models) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", healthy)
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"version": version})
	})
	mux.HandleFunc("PUT /models/{name...}", func(w http.ResponseWriter, r *http.Request) {
		models.register(r.PathValue("name"))
		answer(w, http.StatusCreated, map[string]any{"model": r.PathValue("name"), "registered": true})
	})
	mux.HandleFunc("POST /models/{path...}", func(w http.ResponseWriter, r *http.Request) {
		name, found := strings.CutSuffix(r.PathValue("path"), "/inference")
		if !found {
			answer(w, http.StatusNotFound, map[string]any{"error": "POST /models/NAME/inference is expected"})
			return
		}
		infer(w, r, models, name)
	})
	return mux
}

// infer gives each word of the input and its length: enough to show that a model's input reaches it.
func infer(w http.ResponseWriter, r *http.Request, models *Models, name string) {
	var question struct {
		Input string `json:"input"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&question); err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"error": `JSON with "input" is expected: ` + err.Error()})
		return
	}
	if !models.called(name) {
		answer(w, http.StatusNotFound, map[string]any{"error": name + " is not registered"})
		return
	}
	outputs := []map[string]any{}
	for _, word := range strings.Fields(question.Input) {
		outputs = append(outputs, map[string]any{"token": word, "length": len([]rune(word))})
	}
	answer(w, http.StatusOK, map[string]any{"model": name, "outputs": outputs})
}

// managementHandler answers GET /health and /metrics.
func managementHandler(models *Models) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", healthy)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, models.metrics())
	})
	return mux
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "healthy"})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
