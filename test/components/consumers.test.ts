import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  cosignKey,
  Distribution,
  keyless,
  kmsKey,
  ociRegistry,
  type DistributionArgs,
} from "../../components";

type Trust = NonNullable<DistributionArgs["trust"]>;

/** Inputs of the resources of a distribution with these proofs, by type. */
async function made(trust: Trust): Promise<Map<string, Record<string, unknown>>> {
  const found = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        found.set(type, inputs as Record<string, unknown>);
        return {
          id: name,
          state: { ...(inputs as object), digest: `sha256:${"a".repeat(64)}`, missing: [] },
        };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", {
    version: "v1.2.3",
    registries: [ociRegistry({ host: "localhost:5000" })],
    platforms: ["linux/amd64"],
    images: { hello: { files: [{ to: "/hello.txt", content: "hello" }] } },
    trust: { sbom: false, provenance: false, ...trust },
  });
  await pulumi.runtime.disconnect();
  return found;
}

describe("consumers of signatures", () => {
  const identity = keyless({
    issuer: "https://token.actions.example.com",
    identity: "https://github.example.com/acme/hello",
    trustedRoot: "trusted_root.json",
  });

  const forms: [Trust, legacy: boolean | undefined, consumers: string[] | undefined][] = [
    [{ sign: cosignKey() }, undefined, undefined],
    [{ sign: cosignKey(), legacySignatures: true }, true, undefined],
    [{ sign: cosignKey(), consumers: ["cosign"] }, undefined, ["cosign"]],
    [{ sign: cosignKey(), consumers: ["cosign", "podman"] }, true, ["cosign", "podman"]],
    [
      { sign: kmsKey({ uri: "awskms:///alias/a", publicKey: "cosign.pub" }), consumers: ["kyverno"] },
      true,
      ["kyverno"],
    ],
    [{ sign: identity, consumers: ["cosign"] }, undefined, ["cosign"]],
  ];
  for (const [trust, legacy, consumers] of forms) {
    const { consumers: declared, legacySignatures } = trust;
    const what = JSON.stringify({ consumers: declared, legacySignatures });
    it(`decide in which forms is signed, and are asked for before anything points to it: ${what}`, async () => {
      const resources = await made(trust);
      assert.equal(resources.get("slipway:trust:Signature")?.legacy, legacy);
      assert.deepEqual(resources.get("slipway:trust:Verification")?.consumers, consumers);
    });
  }

  const refused: [Trust, RegExp][] = [
    [{ consumers: ["cosign"] }, /trust\.consumers: nothing is signed.*sign: cosignKey\(\)/],
    [
      { sign: identity, consumers: ["cosign", "podman", "kyverno"] },
      /trust\.consumers: podman, kyverno read signatures of the older scheme alone, and a certificate goes with a bundle only.*cosignKey/,
    ],
    [
      { sign: cosignKey(), consumers: ["podman"], legacySignatures: false },
      /trust\.consumers: podman reads .* leave out `legacySignatures: false`/,
    ],
    [{ sign: cosignKey(), consumers: [] }, /at least one consumer is expected.*\["cosign","podman"\]/s],
    [{ sign: cosignKey(), consumers: ["notation" as "cosign"] }, /trust\.consumers.*cosign/s],
  ];
  for (const [trust, reason] of refused) {
    const { consumers, legacySignatures } = trust;
    it(`are refused where they could verify nothing: ${JSON.stringify({ consumers, legacySignatures })}`, async () => {
      await assert.rejects(made(trust), reason);
    });
  }
});
