import { mkdtemp, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { runClient } from "./clients";

/** Which names a signature may be for, of a `policy.json` (containers-policy.json(5)). */
export type SignedIdentity = "matchRepository" | "matchRepoDigestOrExact" | "matchExact";

/** The files by which podman and its kin ask for a signature with a key. */
export interface ContainersPolicy {
  readonly policy: string;
  /** Says that signatures are beside images in their registries. */
  readonly registries: string;
}

/**
 * Writes a policy that lets images of a repository in where they are signed, and nothing else.
 *
 * @param identity default: what a policy has that says nothing of it
 */
export async function writeContainersPolicy(
  folder: string,
  repository: string,
  keyPath: string,
  identity?: SignedIdentity,
): Promise<ContainersPolicy> {
  const place = await mkdtemp(path.join(folder, "policy-"));
  const signedIdentity = identity === undefined ? {} : { signedIdentity: { type: identity } };
  const signed = [{ type: "sigstoreSigned", keyPath, ...signedIdentity }];
  const policy = { default: [{ type: "reject" }], transports: { docker: { [repository]: signed } } };
  await writeFile(path.join(place, "policy.json"), JSON.stringify(policy));
  await writeFile(path.join(place, "default.yaml"), "default-docker:\n  use-sigstore-attachments: true\n");
  return { policy: path.join(place, "policy.json"), registries: place };
}

/** Whether the library of podman, skopeo and CRI-O lets an image in; fails where it does not. */
export function containersAllow(
  { policy, registries }: ContainersPolicy,
  reference: string,
): Promise<string> {
  return runClient("containers-policy", [policy, registries, reference]);
}
