import { crane, runClient } from "../support/clients";

/** What a {@link trustProgram} declares. */
export interface TrustProgram {
  /** Registries as `host[:port]`: the first is published to, the others are its mirrors. */
  registries: readonly string[];
  version: string;
  /** The distribution's `trust`, as TypeScript. */
  trust: string;
  /** Further fields of the distribution, as TypeScript, e.g. `gates: (images, options) => […],`. */
  fields?: string;
}

/**
 * Signs with the pair of files that the project has; the password is in the stack's configuration.
 */
export const signWithProjectKey = `sign: cosignKey({ password: config.requireSecret("password") }),`;

/** A secret scan by Trivy, which needs no database. */
export const secretScan = `scan: { kinds: ["secret"], scanner: { name: "trivy", offline: true, databaseDirectory: "no-database" } },`;

/**
 * A program with one small image for two platforms, which has the project's folder `content` in it:
 * what is planted there is in the image.
 */
export function trustProgram({ registries, version, trust, fields = "" }: TrustProgram): string {
  const declared = registries.map((host) => `ociRegistry({ host: ${JSON.stringify(host)} })`);
  return `
import * as pulumi from "@pulumi/pulumi";
import { cosignKey, Distribution, ociRegistry, semverTags } from "@slipway";

const config = new pulumi.Config();
const app = new Distribution("app", {
  version: ${JSON.stringify(version)},
  registries: [${declared.join(", ")}],
  platforms: ["linux/amd64", "linux/arm64"],
  images: { app: { files: [{ to: "/srv", source: "content" }], user: "65532" } },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  trust: {${trust}},
  ${fields}
});
export const digest = app.published.apply((images) => images.app.digest);
export const proven = app.proven;
export const checks = app.checks;
export const evidence = app.evidence;
`;
}

/** Digests of the index and of the manifest of each platform. */
export async function subjectsOf(repository: string, index: string): Promise<string[]> {
  const { manifests } = JSON.parse(await crane(["manifest", `${repository}@${index}`])) as {
    manifests: { digest: string }[];
  };
  return [index, ...manifests.map(({ digest }) => digest)];
}

/** A manifest that refers to another. */
export interface Referrer {
  digest: string;
  /** Type of the signed statement in it, or else of the document. */
  type: string;
}

interface ReferrerManifest {
  artifactType: string;
  annotations?: Record<string, string>;
}

/**
 * What refers to a digest: `oras discover` lists it, and the manifests themselves say what they
 * are, for not every registry repeats it in its list.
 */
export async function referrersOf(repository: string, digest: string): Promise<Referrer[]> {
  const options = ["--plain-http", "--format", "json"];
  const text = await runClient("oras", ["discover", ...options, `${repository}@${digest}`]);
  const found = JSON.parse(text) as { referrers?: Referrer[]; manifests?: Referrer[] };
  const listed = (found.referrers ?? found.manifests ?? []).map((one) => one.digest).sort();
  return Promise.all(
    listed.map(async (one) => {
      const { artifactType, annotations } = JSON.parse(
        await crane(["manifest", `${repository}@${one}`]),
      ) as ReferrerManifest;
      return { digest: one, type: annotations?.["dev.sigstore.bundle.predicateType"] ?? artifactType };
    }),
  );
}
