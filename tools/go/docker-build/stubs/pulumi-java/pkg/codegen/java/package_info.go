// Package java stands for the Java code generator of Pulumi, which the plugin imports for this one type only: it ends
// up in the schema that SDK generators read, never in a build.
package java

// PackageInfo is the part of a package's schema that is for the Java generator.
type PackageInfo struct {
	BuildFiles                      string            `json:"buildFiles,omitempty"`
	GradleNexusPublishPluginVersion string            `json:"gradleNexusPublishPluginVersion,omitempty"`
	Dependencies                    map[string]string `json:"dependencies,omitempty"`
}
