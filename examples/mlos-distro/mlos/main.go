// Command mlos says which components a distribution has, and asks its MLOS Core.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Set by the linker: the version of the distribution, and a line for each component, separated by ";".
var (
	version    = "development"
	components = ""
)

const usage = `usage:
  mlos --version
  mlos infer MODEL@VERSION INPUT   asks the MLOS Core at $MLOS_CORE_URL (http://localhost:8080)`

func main() {
	arguments := os.Args[1:]
	var err error
	switch {
	case len(arguments) == 1 && arguments[0] == "--version":
		fmt.Printf("MLOS Distribution %s\n", version)
		for _, line := range strings.Split(components, ";") {
			fmt.Println(line)
		}
	case len(arguments) == 3 && arguments[0] == "infer":
		err = infer(arguments[1], arguments[2])
	default:
		err = fmt.Errorf("%q is no command\n%s", arguments, usage)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mlos:", err)
		os.Exit(1)
	}
}

// infer prints what the model answers.
func infer(model, input string) error {
	base := os.Getenv("MLOS_CORE_URL")
	if base == "" {
		base = "http://localhost:8080"
	}
	question, err := json.Marshal(map[string]string{"input": input})
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Post(base+"/models/"+model+"/inference", "application/json", bytes.NewReader(question))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", base, response.Status, answer)
	}
	fmt.Print(string(answer))
	return nil
}
