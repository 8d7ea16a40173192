// Package version has what both programs print about themselves.
package version

import (
	"fmt"
	"runtime"
)

// Version is set by the linker.
var Version = "development"

// Of is the line that a program prints about itself.
func Of(program string) string {
	return fmt.Sprintf("%s %s (%s/%s)", program, Version, runtime.GOOS, runtime.GOARCH)
}
