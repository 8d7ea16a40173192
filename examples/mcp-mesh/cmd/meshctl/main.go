// Command meshctl looks at a mesh from outside.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dhyansraj/mcp-mesh/internal/version"
)

const usage = `meshctl looks at a mesh from outside.

  meshctl version        print the version
  meshctl list [URL]     list the agents of the registry at URL (default: $MCP_MESH_REGISTRY_URL,
                         or http://localhost:8000)
`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "meshctl:", err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	command := "help"
	if len(arguments) > 0 {
		command = arguments[0]
	}
	switch command {
	case "version", "--version":
		fmt.Fprintln(out, version.Of("meshctl"))
		return nil
	case "list":
		return list(registryURL(arguments[1:]), out)
	case "help", "--help":
		fmt.Fprint(out, usage)
		return nil
	default:
		return fmt.Errorf("unknown command %q\n\n%s", command, usage)
	}
}

func registryURL(arguments []string) string {
	if len(arguments) > 0 {
		return strings.TrimSuffix(arguments[0], "/")
	}
	if url := os.Getenv("MCP_MESH_REGISTRY_URL"); url != "" {
		return strings.TrimSuffix(url, "/")
	}
	return "http://localhost:8000"
}

func list(registry string, out io.Writer) error {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(registry + "/agents")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", registry, response.Status)
	}
	var found struct {
		Agents []struct{ Name, Endpoint string }
	}
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		return fmt.Errorf("%s answers no list of agents: %w", registry, err)
	}
	for _, agent := range found.Agents {
		fmt.Fprintf(out, "%s\t%s\n", agent.Name, agent.Endpoint)
	}
	return nil
}
