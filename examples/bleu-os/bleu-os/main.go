// Command bleu is the console of Bleu OS: what system this is, and a shell to work in.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// version is set by the linker.
var version = "development"

const releaseFile = "/etc/bleu-release"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bleu:", err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	command := "login"
	if len(arguments) > 0 {
		command = arguments[0]
	}
	switch command {
	case "version", "--version":
		fmt.Fprintln(out, banner())
		return nil
	case "check":
		return check(releaseFile)
	case "login":
		fmt.Fprintln(out, banner())
		return syscall.Exec(shell(), []string{shell()}, os.Environ())
	default:
		return fmt.Errorf("unknown command %q: login, version or check is expected", command)
	}
}

func banner() string {
	return fmt.Sprintf("Bleu OS %s (%s/%s)", version, runtime.GOOS, runtime.GOARCH)
}

func shell() string {
	if name := os.Getenv("SHELL"); name != "" {
		return name
	}
	return "/bin/sh"
}

// check fails where the console and the system around it are not of one release.
func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if found := strings.TrimSpace(string(text)); found != "Bleu OS "+version {
		return fmt.Errorf("%s says %q, and this is the console of %s", file, found, version)
	}
	return nil
}
