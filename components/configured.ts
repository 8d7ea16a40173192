import * as pulumi from "@pulumi/pulumi";
import { nonEmpty } from "../lib/text/non-empty";
import type { DistributionDeclaration } from "./declaration/declaration";
import { baseImage, embeddedRegistry } from "./embedded-registry";
import { githubRelease } from "./github-release";
import { ociRegistry, type Registry } from "./declaration/registry";
import { directoryRelease } from "./directory-release";
import { type ReleaseTarget } from "./declaration/release-target";
import type { NotesArgs } from "./release-notes";
import { cosignKey, throwAwayKey } from "./signing";
import type { TrustDeclaration } from "./declaration/trust-declaration";

/**
 * Configuration keys that all programs read under the same names, so that configuration alone
 * decides between the embedded default, a public registry, and local stand-ins for it.
 */

/** Fields of a distribution that {@link configured} reads. */
export type ConfiguredFields = Pick<
  DistributionDeclaration,
  "version" | "commit" | "branch" | "pullRequest" | "rebuilt" | "environment" | "builder"
>;

/**
 * Returns what a run is told about what it builds, under the names of the fields: `version`,
 * `commit`, `branch`, `pullRequest`, `rebuilt`, `environment` and `builder`. Fields that the
 * configuration does not have are undefined.
 *
 * @example new Distribution("hello", { ...configured(config), registries: … })
 * @throws Error where a value is not of the field's type
 */
export function configured(config: pulumi.Config): ConfiguredFields {
  return {
    version: config.get("version"),
    commit: config.get("commit"),
    branch: config.get("branch"),
    pullRequest: config.getNumber("pullRequest"),
    rebuilt: config.get("rebuilt"),
    environment: config.get("environment", { allowedValues: ["production", "test"] as const }),
    builder: config.get("builder"),
  };
}

/**
 * `registry` (`embedded`, or a host), `namespace`, and `username` with the secret `password` where
 * it has its own.
 *
 * @param variables variables of the environment that may say both for one run, as CI has them, e.g.
 * `{ username: "DOCKER_HUB_USERNAME", password: "DOCKER_HUB_ACCESS_TOKEN" }`
 * @throws Error where one of the two is missing
 */
export function configuredRegistry(
  config: pulumi.Config,
  variables?: { username: string; password: string },
): Registry {
  const host = config.require("registry");
  if (host === "embedded") return embeddedRegistry();
  const namespace = config.get("namespace");
  const said = nonEmpty(variables && process.env[variables.username]);
  const username = said ?? config.get("username");
  const password = variables
    ? configuredSecret(config, "password", variables.password)
    : config.getSecret("password");
  if (variables !== undefined && (username === undefined) !== (password === undefined)) {
    const lacking = username === undefined ? "username" : "password";
    throw new Error(
      `there is no ${lacking} for ${host}, which has the other of username and password: set ${variables[lacking]} in the ` +
        `environment, or ${lacking} in the configuration`,
    );
  }
  return ociRegistry({
    host,
    namespace,
    username,
    password,
  });
}

/**
 * A secret that a variable of the environment may give for one run, as CI has it; else that of the
 * configuration, and undefined where neither is there.
 */
export function configuredSecret(
  config: pulumi.Config,
  key: string,
  variable: string,
): pulumi.Output<string> | undefined {
  const said = process.env[variable];
  return said ? pulumi.secret(said) : config.getSecret(key);
}

/**
 * A further registry under a key of its own, as `host/namespace`, or a list of them; none where the
 * key is absent.
 */
export function configuredMirror(config: pulumi.Config, key: string): Registry[] {
  const value = config.get(key);
  if (value === undefined) return [];
  const places = value.startsWith("[") ? config.requireObject<string[]>(key) : [value];
  return places.map((place) => {
    const [host = "", ...path] = place.split("/");
    return ociRegistry({ host, namespace: path.length > 0 ? path.join("/") : undefined });
  });
}

/**
 * Images of others by name, under a key of its own, e.g.
 * `{"redis": "docker.io/library/redis:7-alpine"}`. `bases/NAME:TAG` is one of the embedded
 * registry. Undefined where the key is absent.
 */
export function configuredImages(config: pulumi.Config, key: string): Record<string, string> | undefined {
  const images = config.getObject<Record<string, string>>(key);
  if (images === undefined) return undefined;
  return Object.fromEntries(Object.entries(images).map(([name, reference]) => [name, baseImage(reference)]));
}

/**
 * Returns what is proven: signed with `signingKey` and `publicKey`, of `cosign generate-key-pair`,
 * or without them with a throw-away key; scanned as `scan` says, which is `true` for the defaults,
 * and not at all without it.
 */
export function configuredTrust(config: pulumi.Config): TrustDeclaration {
  const key = config.get("signingKey");
  const scan = config.getObject<boolean | TrustDeclaration["scan"]>("scan") ?? false;
  return {
    sign: key === undefined ? throwAwayKey() : cosignKey({ key, publicKey: config.require("publicKey") }),
    scan: scan === false ? undefined : scan === true ? {} : scan,
  };
}

/**
 * `repository` on GitHub, and `github` for the endpoint where it is not github.com; without them a
 * folder below `.slipway/releases`.
 *
 * @param name name in that folder, as `owner/name`
 */
export function configuredRelease(
  config: pulumi.Config,
  name: string,
  options: NotesArgs & { title?: string },
): ReleaseTarget {
  const repository = config.get("repository");
  const endpoint = config.get("github");
  if (repository === undefined) {
    const baseUrl = config.get("baseUrl");
    return directoryRelease({ ...options, directory: ".slipway/releases", name, baseUrl });
  }
  return githubRelease({ ...options, repository, endpoint });
}

/**
 * A list that a variable of the environment may give for one run, e.g.
 * `DOCKER_PLATFORMS=linux/amd64,linux/arm64`; else that of the configuration, and undefined where
 * neither is there.
 */
export function configuredList(config: pulumi.Config, key: string, variable: string): string[] | undefined {
  const items = (process.env[variable] ?? "").split(/[\s,]+/).filter((item) => item !== "");
  return items.length > 0 ? items : config.getObject<string[]>(key);
}

/**
 * `mode` of the configuration: `publish`, or for a local build `load` or `build`, which publish
 * nothing unless the variable of the environment says so for one run, e.g. `DOCKER_PUSH=true`.
 * Undefined where neither is there.
 *
 * @throws Error where the variable is neither `true` nor `false`
 */
export function configuredMode(config: pulumi.Config, variable: string): DistributionDeclaration["mode"] {
  const said = process.env[variable] ?? "";
  if (!["", "true", "false"].includes(said)) {
    throw new Error(`${variable}: ${JSON.stringify(said)} must be "true" or "false"`);
  }
  const mode = config.get("mode", { allowedValues: ["publish", "load", "build"] as const });
  if (said === "true") return "publish";
  return said === "false" && (mode ?? "publish") === "publish" ? "build" : mode;
}
