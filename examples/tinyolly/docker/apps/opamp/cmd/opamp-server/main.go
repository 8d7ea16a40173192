// Command opamp-server is a small stand-in for TinyOlly's OpAMP server: it answers agents over OpAMP's plain HTTP
// transport, offers them the configuration that was posted, and lists them.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"tinyolly.example/opamp/wire"
)

// largest message or configuration that is taken, in bytes.
const largest = 1 << 20

// agent as it is listed.
type agent struct {
	LastSeen time.Time `json:"lastSeen"`
	Messages int       `json:"messages"`
}

type server struct {
	mutex  sync.Mutex
	agents map[string]agent
	config []byte
}

func main() {
	health := flag.Bool("healthcheck", false, "ask the running server for its health")
	flag.Parse()
	port := os.Getenv("PORT")
	if port == "" {
		port = "4320"
	}
	if *health {
		answer, err := http.Get("http://127.0.0.1:" + port + "/health")
		if err != nil || answer.StatusCode != http.StatusOK {
			log.Fatal("not healthy: ", err)
		}
		return
	}
	s := &server{agents: map[string]agent{}}
	http.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]string{"status": "ok"}) })
	http.HandleFunc("POST /v1/opamp", s.message)
	http.HandleFunc("GET /api/agents", s.list)
	http.HandleFunc("PUT /api/config", s.configure)
	log.Print("OpAMP on port ", port)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}

// message answers an AgentToServer with a ServerToAgent.
func (s *server) message(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return
	}
	fields, err := wire.Fields(content)
	instance := fields[wire.AgentInstance]
	if err != nil || len(instance) != 16 {
		http.Error(w, "an AgentToServer with an instance_uid of 16 bytes is expected", http.StatusBadRequest)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	name := hex.EncodeToString(instance)
	if _, leaves := fields[wire.AgentDisconnect]; leaves {
		delete(s.agents, name)
	} else {
		s.agents[name] = agent{time.Now().UTC(), s.agents[name].Messages + 1}
	}
	answer := wire.Bytes(nil, wire.ServerInstance, instance)
	if s.config != nil {
		hash := sha256.Sum256(s.config)
		file := wire.Bytes(nil, wire.ConfigFileBody, s.config)
		entry := wire.Bytes(wire.Bytes(nil, wire.EntryKey, nil), wire.EntryValue, file)
		remote := wire.Bytes(nil, wire.RemoteConfigMap, wire.Bytes(nil, wire.ConfigMapEntry, entry))
		answer = wire.Bytes(answer, wire.ServerConfig, wire.Bytes(remote, wire.RemoteConfigHash, hash[:]))
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.Write(wire.Number(answer, wire.ServerAbilities, wire.AcceptsStatus|wire.OffersRemoteConfig))
}

func (s *server) list(w http.ResponseWriter, _ *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	reply(w, s.agents)
}

func (s *server) configure(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.config = content
	w.WriteHeader(http.StatusNoContent)
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}
