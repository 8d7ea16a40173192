import type { Properties } from "../pack-process";

/** Inputs of a resource, and what a rule says of them. */
export interface RuleCase {
  title: string;
  type: string;
  props: Properties;
  config?: Properties;
  /** What the message has to have, where the rule finds something; none where it is content. */
  finding?: RegExp;
  /** A second thing the message must not have, e.g. the secret itself. */
  without?: RegExp;
}

/** Values that cases are made of. */

export const digest = `sha256:${"a".repeat(64)}`;
export const other = `sha256:${"b".repeat(64)}`;
export const repository = "ghcr.io/acme/hello";
export const tag = { repository, tag: "v1.2.3", digest, moves: "never" };
export const passed = (kind: string, subject = digest) => ({
  kind,
  subject,
  result: "passed",
  by: "someone",
});

export const image = { repository, platform: "linux/amd64" };
export const command = { sources: ["**"], outputs: ["x"] };
export const build = "docker-build:index:Image";
export const token = `ghp_${"x".repeat(36)}`;
export const ecr = "aws:ecr/repository:Repository";
export const release = "slipway:github:Release";
export const asset = (name: string, of = digest) => ({ name, path: `dist/${name}`, digest: of });
export const platform = (os: string, architecture: string, variant?: string) => ({
  digest,
  platform: { os, architecture, ...(variant && { variant }) },
});
