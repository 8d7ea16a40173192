import { createPrivateKey, sign, type KeyObject } from "node:crypto";
import type { McpIdentity } from "../../lib/channels/mcp/registry";
import type { mcpServerDefinition } from "../../resources/definitions/mcp-server";
import type { InputsOf } from "../run/resource";

type Inputs = InputsOf<typeof mcpServerDefinition>;

/** Somebody has to say who publishes. */
export class NoIdentity extends Error {
  override readonly name = "NoIdentity";
}

/**
 * Who publishes, as the declaration says.
 *
 * @param workflowToken gives the token of the workflow for an audience, where there is a workflow
 * @throws NoIdentity where nobody is there
 */
export async function identityOf(
  { anonymous, githubToken, domain }: Inputs,
  address: URL,
  workflowToken: (audience: string) => Promise<string | undefined>,
): Promise<McpIdentity> {
  if (anonymous === true) return { kind: "none" };
  if (domain !== undefined) {
    // Registries take it within 15 seconds.
    const timestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    return {
      kind: domain.proof,
      domain: domain.name,
      timestamp,
      signed_timestamp: sign(undefined, Buffer.from(timestamp), keyOf(domain.key)).toString("hex"),
    };
  }
  if (githubToken !== undefined) return { kind: "github-at", github_token: githubToken };
  const oidc_token = await workflowToken(address.origin);
  if (oidc_token === undefined) {
    throw new NoIdentity(
      "nobody says who publishes: run it in a workflow of GitHub Actions with `id-token: write`, or give githubToken, " +
        'e.g. config.requireSecret("mcpToken"), or domain',
    );
  }
  return { kind: "github-oidc", oidc_token };
}

/** @throws Error without a word of the key */
export function keyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Its message could repeat the key.
  }
  throw new Error(
    "it is no private key of Ed25519 in PEM (make one with: openssl genpkey -algorithm ed25519)",
  );
}
