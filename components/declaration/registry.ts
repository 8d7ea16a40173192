import * as pulumi from "@pulumi/pulumi";
import { checkRegistryHost, checkRepositoryPath, ReferenceError } from "../../lib/oci/reference";
import { DeclarationError } from "./declaration-error";
import { refuseFormerNames } from "./former-names";

/** Arguments of {@link Registry}. */
export interface RegistryArgs {
  /** Host as `host[:port]`, e.g. `ghcr.io`. */
  host: string;
  /** Path under which the images are, e.g. `acme`. Default: none. */
  namespace?: string;
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

/** Where the images of a distribution go: a registry, or a folder. */
export interface ImageTarget {
  /** Name for messages and resource names. */
  readonly name: string;
  /** Address of an image's repository, see `oci/address`. */
  repository(image: string): string;
}

/** Arguments of {@link ImageFolder}. */
export interface ImageFolderArgs {
  /** Folder, relative to the project's. */
  directory: string;
  /**
   * `layout`: a folder for each image; `archive`: a tar file for each, which `docker load` accepts.
   * Default: `layout`.
   */
  format?: "layout" | "archive";
}

/**
 * A folder with an OCI image layout for each image, for places without a network. A mirror, never
 * the first registry.
 */
export class ImageFolder implements ImageTarget {
  readonly name: string;

  constructor(private readonly args: ImageFolderArgs) {
    this.name = args.directory;
  }

  repository(image: string): string {
    const path = `${this.args.directory}/${checkRepositoryPath(image)}`;
    return this.args.format === "archive" ? `oci-archive:${path}.tar` : `oci-layout:${path}`;
  }
}

/** A place for images: any registry of the OCI distribution specification. */
export class Registry implements ImageTarget {
  readonly name: string;
  readonly host: string;
  readonly namespace: string;

  /** @throws DeclarationError naming the field, the value and a valid example */
  constructor(readonly args: RegistryArgs) {
    refuseFormerNames("Registry", args, { endpoint: "host" });
    this.host = refuse("host", () => checkRegistryHost(args.host));
    this.namespace = args.namespace ?? "";
    this.name = this.namespace === "" ? this.host : `${this.host}/${this.namespace}`;
    if (this.namespace !== "") refuse("namespace", () => checkRepositoryPath(this.namespace));
  }

  /** Full name of an image's repository: `host/namespace/image`. */
  repository(image: string): string {
    const path = this.namespace === "" ? image : `${this.namespace}/${image}`;
    return `${this.host}/${checkRepositoryPath(path)}`;
  }

  /** Whether the registry was declared with access of its own, which the provider then needs. */
  get hasAccess(): boolean {
    const { username, password, ca, insecure, uploadHosts, tokenHosts } = this.args;
    return [username, password, ca, insecure, uploadHosts, tokenHosts].some((value) => value !== undefined);
  }
}

/** Returns whether two registries are signed in to alike. */
export function hasSameAccount({ args: one }: Registry, { args: other }: Registry): boolean {
  return isSame(one.username, other.username) && isSame(one.password, other.password);
}

/** Outputs are not known yet: the same secret that is read twice is two of them. */
function isSame(one: RegistryArgs["username"], other: RegistryArgs["username"]): boolean {
  return one === other || (pulumi.Output.isInstance(one) && pulumi.Output.isInstance(other));
}

function refuse(field: string, check: () => string): string {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new DeclarationError("Registry", [{ property: field, reason: error.message }]);
  }
}
