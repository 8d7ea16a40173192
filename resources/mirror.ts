// Made from resources/definitions/ by `npm run format`; changes here are lost.
/* eslint-disable @typescript-eslint/no-explicit-any -- the definition takes anything there */
import * as pulumi from "@pulumi/pulumi";
import type { mirrorDefinition } from "./definitions/mirror";
import type { mirrorGateDefinition } from "./definitions/mirror";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Mirror}. */
export type MirrorArgs = {
  /**
   * Where the content is: a repository as `host/path`, a layout or an archive. Example:
   * `"harbor.example.com/acme/hello"`.
   */
  source: pulumi.Input<string>;
  /** Further places that may have it, the nearest first. */
  alternatives?: DeepInput<string[] | undefined>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /**
   * Where it goes: a repository as `host/path`, a layout or an archive. Example:
   * `"harbor.example.com/acme/hello"`.
   */
  target: pulumi.Input<string>;
  /** Tags of the target, set when all content is there. */
  tags?: DeepInput<types.DeclaredTag[] | undefined>;
  /**
   * Only these platforms: the target gets an index of them, which has another digest, `rootDigest`.
   * Evidence of a tag has to be about that one. Default: all.
   */
  platforms?: DeepInput<string[] | undefined>;
  /**
   * Which referrers are mirrored: those by `subject` and those by tag (default), only the former, or
   * none.
   */
  referrers?: pulumi.Input<"all" | "subject" | "none" | undefined>;
  /** What an observation asks the target for: every blob (default), or manifests and tags only. */
  verify?: pulumi.Input<"blobs" | "manifests" | undefined>;
  /**
   * What is known about the digest, for policies: items exactly as trust resources of this stack
   * output them. Others are refused before anything is published.
   */
  evidence?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * A digest with its platforms and everything that refers to it (signatures, SBOMs, attestations),
 * kept equal in another repository; bytes and digests are untouched. A target that is down,
 * read-only or full does not fail the resource, so that the others go on: what it lacks is in
 * `missing`, and a `slipway:oci:MirrorGate` fails the run in the end. (`slipway:oci:Mirror`)
 */
export class Mirror extends pulumi.CustomResource implements ObservedProperties<typeof mirrorDefinition> {
  /**
   * Where the content is: a repository as `host/path`, a layout or an archive. Example:
   * `"harbor.example.com/acme/hello"`.
   */
  declare readonly source: pulumi.Output<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /**
   * Where it goes: a repository as `host/path`, a layout or an archive. Example:
   * `"harbor.example.com/acme/hello"`.
   */
  declare readonly target: pulumi.Output<string>;
  /** Digest that each tag of the target has. */
  declare readonly pointers: pulumi.Output<Record<string, string>>;
  /** Digest in the target; differs from `digest` if platforms are left out. */
  declare readonly rootDigest: pulumi.Output<string>;
  /** What the target lacks, each with the reason. Empty if it is complete. */
  declare readonly missing: pulumi.Output<string[]>;
  /** What was mirrored, for comparisons that do not read the source again. */
  declare readonly summary: pulumi.Output<any>;

  constructor(name: string, args: MirrorArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { pointers: undefined, rootDigest: undefined, missing: undefined, summary: undefined };
    super("slipway:oci:Mirror", name, properties<typeof mirrorDefinition>(outputs, args), retained(options));
  }
}

/** Arguments of {@link MirrorGate}. */
export type MirrorGateArgs = {
  /** The mirrors that must be complete. */
  mirrors: DeepInput<types.MirrorOutcome[]>;
};

/**
 * Fails a run in which a mirror could not be completed, after everything else was done, so that it
 * does not look like a success. The next run completes what is missing. (`slipway:oci:MirrorGate`)
 */
export class MirrorGate
  extends pulumi.CustomResource
  implements ObservedProperties<typeof mirrorGateDefinition>
{
  /** The mirrors that must be complete. */
  declare readonly mirrors: pulumi.Output<types.MirrorOutcome[]>;
  /** Number of mirrors that are complete. */
  declare readonly complete: pulumi.Output<number>;

  constructor(name: string, args: MirrorGateArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { complete: undefined };
    super("slipway:oci:MirrorGate", name, properties<typeof mirrorGateDefinition>(outputs, args), options);
  }
}
