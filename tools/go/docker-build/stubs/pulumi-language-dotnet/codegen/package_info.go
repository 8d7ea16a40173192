// Package codegen stands for the .NET code generator of Pulumi, which the plugin imports for this one type only: it
// ends up in the schema that SDK generators read, never in a build.
package codegen

// CSharpPackageInfo is the part of a package's schema that is for the .NET generator.
type CSharpPackageInfo struct {
	RespectSchemaVersion bool              `json:"respectSchemaVersion,omitempty"`
	PackageReferences    map[string]string `json:"packageReferences,omitempty"`
}
