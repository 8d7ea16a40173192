package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// Folder with the secrets. Without it the registry serves everybody, as CNCF's own program does.
	folderVariable = "SLIPWAY_REGISTRY_GUARD"
	// What the registry is called: the digest of its folder's path, which a copy of the folder does not share.
	identityVariable = "SLIPWAY_REGISTRY_IDENTITY"

	username = "slipway"

	proofPath = "/slipway/proof"
	tokenPath = "/slipway/token"

	// A nonce is 32 bytes in hexadecimal digits.
	nonceLength = 64

	anonymousToken = "anonymous"
	tokenLife      = 5 * time.Minute

	headerTimeout = 30 * time.Second
)

// guard decides who may do what: everybody on this machine pulls, and who knows the password writes.
type guard struct {
	port       string
	identity   string
	folder     string
	password   string
	proofKey   []byte
	tokenKey   []byte
	registry   http.Handler
	now        func() time.Time
	allowHosts []string
}

func newGuard(address string, registry http.Handler) (*guard, error) {
	folder := os.Getenv(folderVariable)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	password, err := secretIn(filepath.Join(folder, "password"))
	if err != nil {
		return nil, err
	}
	proofKey, err := secretIn(filepath.Join(folder, "proof-secret"))
	if err != nil {
		return nil, err
	}
	tokenKey := make([]byte, sha256.Size)
	if _, err := rand.Read(tokenKey); err != nil {
		return nil, err
	}
	return &guard{
		port:       port,
		identity:   os.Getenv(identityVariable),
		folder:     folder,
		password:   password,
		proofKey:   []byte(proofKey),
		tokenKey:   tokenKey,
		registry:   registry,
		now:        time.Now,
		allowHosts: []string{"localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port},
	}, nil
}

func secretIn(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return secret, nil
}

// serveIPv6 serves the other address that "localhost" can mean, so that no other program gets the connections of
// clients that try it first. A machine without that address has nothing to guard.
func (g *guard) serveIPv6() error {
	listener, err := net.Listen("tcp6", "[::1]:"+g.port)
	if errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	if err != nil {
		return nil
	}
	server := &http.Server{Handler: g, ReadHeaderTimeout: headerTimeout}
	go func() { log.Fatal(server.Serve(listener)) }()
	return nil
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A page of the Web that gave its name this machine's address (DNS rebinding) reads and writes as this origin.
	if !slices.Contains(g.allowHosts, strings.ToLower(r.Host)) {
		g.refuse(w, r, http.StatusMisdirectedRequest, "DENIED",
			fmt.Sprintf("this registry is %s, not %q", g.allowHosts[0], r.Host))
		return
	}
	switch r.URL.Path {
	case proofPath:
		g.prove(w, r)
		return
	case tokenPath:
		g.giveToken(w, r)
		return
	}
	if !writes(r.Method) {
		// Clients ask here, and only here, whether to sign in; who has nothing to sign in with is given a token that pulls.
		if r.URL.Path == "/v2/" && r.Header.Get("Authorization") == "" {
			g.challenge(w, r)
			return
		}
		g.registry.ServeHTTP(w, r)
		return
	}
	if fromPage(r) {
		g.refuse(w, r, http.StatusForbidden, "DENIED", "pages of the Web do not write to this registry")
		return
	}
	if !g.mayWrite(r) {
		g.challenge(w, r)
		return
	}
	g.registry.ServeHTTP(w, r)
}

// prove shows that this process knows the secret of the folder, without telling it. The port is part of what is shown, so
// that a server on another port cannot pass the answer on as its own.
func (g *guard) prove(w http.ResponseWriter, r *http.Request) {
	nonce := r.URL.Query().Get("nonce")
	if len(nonce) != nonceLength {
		http.Error(w, "a nonce of 64 hexadecimal digits is expected", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprint(w, sign(g.proofKey, "slipway-registry-proof", g.identity, g.port, nonce))
}

// giveToken is the token server (Docker "Token Authentication Specification"). Clients such as Docker sign in to a whole
// registry or not at all unless tokens say what they are for.
func (g *guard) giveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	token := anonymousToken
	if r.Header.Get("Authorization") != "" {
		if !g.hasPassword(r) {
			g.refuse(w, r, http.StatusUnauthorized, "UNAUTHORIZED", g.howToSignIn())
			return
		}
		expiry := strconv.FormatInt(g.now().Add(tokenLife).Unix(), 10)
		token = expiry + "." + sign(g.tokenKey, expiry)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": int(tokenLife.Seconds())})
}

func (g *guard) mayWrite(r *http.Request) bool {
	token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		return g.hasPassword(r)
	}
	expiry, signature, _ := strings.Cut(token, ".")
	seconds, err := strconv.ParseInt(expiry, 10, 64)
	return err == nil && same(signature, sign(g.tokenKey, expiry)) && g.now().Unix() < seconds
}

func (g *guard) hasPassword(r *http.Request) bool {
	name, password, ok := r.BasicAuth()
	return ok && name == username && same(password, g.password)
}

func (g *guard) challenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s%s",service="slipway"%s`,
		strings.ToLower(r.Host), tokenPath, scopeParameter(r.URL.Path)))
	g.refuse(w, r, http.StatusUnauthorized, "UNAUTHORIZED", g.howToSignIn())
}

func (g *guard) howToSignIn() string {
	return fmt.Sprintf("writing needs user %q with the password in %s", username, filepath.Join(g.folder, "password"))
}

// refuse answers as the registry does (distribution-spec 1.1, "Error Codes").
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	if r.Method != http.MethodGet {
		log.Printf("refused %s %q with %d", r.Method, r.URL.Path, status)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	problem := map[string]string{"code": code, "message": message}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{problem}})
}

// scopeParameter says what a token is asked for, without which some clients ask for none.
func scopeParameter(path string) string {
	for _, part := range []string{"/blobs/", "/manifests/"} {
		if end := strings.LastIndex(path, part); end > len("/v2/") && !strings.ContainsAny(path, "\"\\") {
			return fmt.Sprintf(`,scope="repository:%s:pull,push,delete"`, path[len("/v2/"):end])
		}
	}
	return ""
}

func writes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// fromPage tells requests that a browser sends for a page (Fetch standard, "Origin" header; Fetch Metadata).
func fromPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Origin") != "" || (site != "" && site != "none")
}

func sign(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

func same(one, other string) bool {
	return subtle.ConstantTimeCompare([]byte(one), []byte(other)) == 1
}
