// Command containers-policy asks whether a policy.json lets an image in, by the library that does so in podman, skopeo
// and CRI-O.
//
//	containers-policy POLICY REGISTRIES_D REFERENCE
package main

import (
	"context"
	"fmt"
	"os"

	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: containers-policy POLICY REGISTRIES_D REFERENCE")
		os.Exit(2)
	}
	if err := verify(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verify(ctx context.Context, policyFile, registries, reference string) error {
	policy, err := signature.NewPolicyFromFile(policyFile)
	if err != nil {
		return err
	}
	policyContext, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer func() { _ = policyContext.Destroy() }()
	ref, err := docker.ParseReference("//" + reference)
	if err != nil {
		return err
	}
	// Registries of tests speak plain HTTP.
	source, err := ref.NewImageSource(ctx, &types.SystemContext{
		RegistriesDirPath:           registries,
		DockerInsecureSkipTLSVerify: types.OptionalBoolTrue,
	})
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	_, err = policyContext.IsRunningImageAllowed(ctx, image.UnparsedInstance(source, nil))
	return err
}
