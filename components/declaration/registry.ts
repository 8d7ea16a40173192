import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checkRegistryHost, checkRepositoryPath, ReferenceError } from "../../lib/oci/reference";
import { defined } from "../../lib/objects/defined";
import type { RegistryKind } from "../../lib/registry-kinds/kind";
import { kindOfHost, registryKinds, type RegistryKindName } from "../../lib/registry-kinds/kinds";
import { checkArguments, inputText } from "./call-arguments";
import { DeclarationError } from "./declaration-error";
import { refuseFormerNames } from "./former-names";
import { renamedClass } from "./renamed-class";

/** Access to a registry that a program declares, for the provider. */
export interface RegistryAccess {
  /** Who signs in. Without it Docker's config.json and credential helpers are used. */
  username?: pulumi.Input<string>;
  /** Password or access token; kept a secret. */
  password?: pulumi.Input<string>;
  /** Certificates (PEM) to trust for this host, beside the system's. */
  ca?: pulumi.Input<string>;
  /** Uses plain HTTP for a host that is not on this machine. */
  insecure?: boolean;
  /** Other hosts that the registry may send uploads to, as `host[:port]`. Default: none. */
  uploadHosts?: string[];
  /**
   * Other hosts that the registry's token server may be on, as `host[:port]`: credentials go to
   * them. Default: none.
   */
  tokenHosts?: string[];
}

/** Arguments of {@link ociRegistry}. */
export interface RegistryArgs extends RegistryAccess {
  /** Host as `host[:port]`, e.g. `ghcr.io`. */
  host: string;
  /** Path under which the images are, e.g. `acme`. Default: none. */
  namespace?: string;
  /**
   * What is run there, for the names that it takes: `"harbor"`, `"gitlab"`, `"quay"`, `"artifactory"`, … Default: what the host tells.
   */
  kind?: RegistryKindName;
}

/**
 * Where the images of a distribution go. {@link ociRegistry} and {@link imageFolder} make one; so
 * does any program, with an object that has these properties.
 */
export interface ImageTarget {
  /** Name for messages and resource names; no other target of the distribution has it. */
  readonly name: string;
  /**
   * Host as `host[:port]` of the registry that it is. A target without one is a folder, which
   * mirrors the others and cannot be the first.
   */
  readonly host?: string | undefined;
  /**
   * Path that all of its repositories are below: its access is for these, where another target on
   * the host has another account. Default: none.
   */
  readonly namespace?: string | undefined;
  /** What is run there, for the names that it takes. Default: what the host tells. */
  readonly kind?: RegistryKindName | undefined;
  /** Access that was declared with it. Default: that of Docker's config.json. */
  readonly access?: RegistryAccess | undefined;
  /**
   * Returns the address of an image's repository: `host/path`, `oci-layout:FOLDER` or
   * `oci-archive:FILE`.
   *
   * @param image path of the repository below the target's namespace
   * @throws Error where the target can have no repository of that name; the message says why
   */
  repository(image: string): string;
}

/** A target that can be the first: a registry. */
export interface RegistryTarget extends ImageTarget {
  readonly host: string;
}

/** A registry of the OCI distribution specification. */
export interface Registry extends RegistryTarget {
  /** Path under which the images are; empty for none. */
  readonly namespace: string;
}

/** Arguments of {@link imageFolder}. */
export interface ImageFolderArgs {
  /** Folder, relative to the project's. */
  directory: string;
  /**
   * `layout`: a folder for each image; `archive`: a tar file for each, which `docker load` accepts.
   * Default: `layout`.
   */
  format?: "layout" | "archive";
}

const folderArguments = z.strictObject({
  directory: z
    .string()
    .min(1, "a folder is expected")
    .meta({ examples: ["images"] }),
  format: z.enum(["layout", "archive"]).optional(),
});

/**
 * Returns a folder with an OCI image layout for each image, for places without a network. A mirror,
 * never the first registry.
 */
export function imageFolder(args: ImageFolderArgs): ImageTarget {
  checkArguments("imageFolder()", folderArguments, args);
  const { directory, format } = args;
  return {
    name: directory,
    repository(image) {
      const path = `${directory}/${checkRepositoryPath(image)}`;
      return format === "archive" ? `oci-archive:${path}.tar` : `oci-layout:${path}`;
    },
  };
}

const hosts = z
  .array(z.string())
  .optional()
  .meta({ examples: [["uploads.example.com"]] });

const registryArguments = z.strictObject({
  host: z.string().meta({ examples: ["ghcr.io"] }),
  namespace: z.string().optional(),
  kind: z
    .enum(Object.keys(registryKinds) as [RegistryKindName, ...RegistryKindName[]])
    .optional()
    .meta({ examples: ["harbor"] }),
  username: inputText.optional(),
  password: inputText.optional(),
  ca: inputText.optional(),
  insecure: z.boolean().optional(),
  uploadHosts: hosts,
  tokenHosts: hosts,
});

/**
 * Returns a place for images: any registry of the OCI distribution specification.
 *
 * @throws DeclarationError naming the field, the value and a valid example
 */
export function ociRegistry(args: RegistryArgs): Registry {
  refuseFormerNames("ociRegistry", args, { endpoint: "host" });
  checkArguments("ociRegistry", registryArguments, args);
  const { namespace = "", kind, ...rest } = args;
  const host = refuse("host", () => checkRegistryHost(args.host));
  if (namespace !== "") refuse("namespace", () => checkRepositoryPath(namespace));
  const { username, password, ca, insecure, uploadHosts, tokenHosts } = rest;
  const access = { username, password, ca, insecure, uploadHosts, tokenHosts };
  return {
    name: namespace === "" ? host : `${host}/${namespace}`,
    host,
    namespace,
    kind,
    access: Object.values(access).some((value) => value !== undefined) ? defined(access) : undefined,
    repository: (image) =>
      `${host}/${checkRepositoryPath(namespace === "" ? image : `${namespace}/${image}`)}`,
  };
}

/** @deprecated `new Registry(…)` is now called `ociRegistry(…)`. */
export const Registry = renamedClass<RegistryArgs>("Registry", "ociRegistry(…)");

/** @deprecated `new ImageFolder(…)` is now called `imageFolder(…)`. */
export const ImageFolder = renamedClass<ImageFolderArgs>("ImageFolder", "imageFolder(…)");

/** Returns whether a value is a place for images, whoever made it. */
export function isImageTarget(value: unknown): value is ImageTarget {
  if (typeof value !== "object" || value === null) return false;
  const { name, host, repository } = value as Partial<Record<keyof ImageTarget, unknown>>;
  return (
    typeof name === "string" &&
    name !== "" &&
    typeof repository === "function" &&
    (host === undefined || typeof host === "string")
  );
}

/** What is run at a target, as far as it says so or its host tells it. */
export function kindOfTarget({ kind, host }: ImageTarget): RegistryKind | undefined {
  if (kind !== undefined) return registryKinds[kind];
  return host === undefined ? undefined : kindOfHost(host);
}

/** Returns whether a place for images is a registry. */
export function isRegistry(target: ImageTarget): target is RegistryTarget {
  return target.host !== undefined;
}

/** Returns whether two registries are signed in to alike. */
export function hasSameAccount(
  { access: one = {} }: RegistryTarget,
  { access: other = {} }: RegistryTarget,
): boolean {
  return isSame(one.username, other.username) && isSame(one.password, other.password);
}

/** Outputs are not known yet: the same secret that is read twice is two of them. */
function isSame(one: RegistryAccess["username"], other: RegistryAccess["username"]): boolean {
  return one === other || (pulumi.Output.isInstance(one) && pulumi.Output.isInstance(other));
}

function refuse(field: string, check: () => string): string {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new DeclarationError("ociRegistry", [{ property: field, reason: error.message }]);
  }
}
