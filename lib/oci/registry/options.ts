import type { Readable } from "node:stream";
import type { GetBlobOptions, Repository } from "../repository";
import type { Descriptor } from "../types";
import { defined } from "../../objects/defined";
import { isLocalRegistry } from "../reference";
import type { CredentialFields, DeclaredCredentials } from "../transport/credentials";
import type { Pace } from "../transport/pace";
import type { RetryPolicy } from "../transport/retry-policy";
import type { OnWait } from "../transport/wait-budget";
import type { RecentPushes } from "./recent-pushes";

/**
 * One registry host: how to sign in to it, or to a part of its paths (`namespace`), and how to
 * reach it. What several say about reaching one host is for all its paths.
 */
export interface RegistryHost extends DeclaredCredentials {
  /** `host[:port]` as in references, e.g. `ghcr.io`, `docker.io`, `localhost:5000`. */
  host: string;
  /** Certificate authority in PEM, trusted in addition to the public ones. */
  ca?: string;
  /** File with such certificate authorities. */
  caFile?: string;
  /**
   * Whether the registry speaks plain HTTP. Unless given, hosts on this machine without a
   * certificate authority of their own do, and all others speak HTTPS.
   */
  insecure?: boolean;
  /**
   * Other hosts, `host[:port]`, that the registry may send uploads to. Without them a layer goes to
   * the registry only.
   */
  uploadHosts?: readonly string[];
  /**
   * Other hosts, `host[:port]`, that the registry's token server may be on and that credentials may
   * go to.
   */
  tokenHosts?: readonly string[];
}

/** Sizes that decide how a blob is uploaded. */
export interface UploadSizes {
  /** Largest blob that is sent in one request, in bytes. */
  monolithicBytes: number;
  /** Size of the pieces of a larger blob, in bytes, where it cannot be sent in one go. */
  chunkBytes: number;
}

/** Up to 16 MiB in one request; pieces of 64 MiB. */
export const defaultUploadSizes: UploadSizes = {
  monolithicBytes: 16 * 1024 * 1024,
  chunkBytes: 64 * 1024 * 1024,
};

/** See {@link RegistryClientOptions.onLost}. */
export type OnLost = (
  repository: Repository,
  blob: Pick<Descriptor, "digest" | "size">,
  options: GetBlobOptions,
  failure: Error,
) => Promise<Readable>;

/** Options of a registry client. */
export interface RegistryClientOptions {
  /** Hosts with credentials or settings of their own. Others get Docker's credentials. */
  credentials?: readonly RegistryHost[];
  /**
   * Credentials of hosts that have none in the list, asked when a registry wants some; those it
   * does not know get Docker's.
   */
  credentialsOf?: (host: string) => CredentialFields | undefined;
  /** Sign in nowhere, whatever credentials there are: to see what the public sees. */
  anonymous?: boolean;
  /**
   * Gets what is used to sign in, found credentials and tokens alike, before what it was sent to
   * can repeat it.
   */
  onSecret?: (text: string) => void;
  /** Gets each distinct warning of a registry once (distribution-spec 1.1, "Warnings"). */
  onWarning?: (host: string, text: string) => void;
  /** Gets each wait of some seconds before it begins. */
  onWait?: OnWait;
  /** Gets what is taken for granted although a registry does not say it, each once. */
  onAssumed?: (text: string) => void;
  /**
   * Opens a blob that a repository should have and did not give, because it is gone or not whole.
   * Rejects with the failure where it is nowhere.
   */
  onLost?: OnLost;
  /** What this run has put, where several clients are to know of it. */
  pushes?: RecentPushes;
  /**
   * Connections to one host for requests and uploads, and as many again for downloads; 8 unless
   * given.
   */
  concurrency?: number;
  /** Parts of the retry policy that differ from {@link defaultRetryPolicy}. */
  retry?: Partial<RetryPolicy>;
  /** `User-Agent` header. */
  userAgent?: string;
  /** Parts of the upload sizes that differ from {@link defaultUploadSizes}. */
  upload?: Partial<UploadSizes>;
  /** How slowly the body of an answer may come; {@link slowestPace} unless given. */
  pace?: Pace;
  /** Entries that one page of a list is asked to have; the registry decides unless given. */
  pageSize?: number;
}

/**
 * How a host is reached, of what is declared for it and for parts of its paths.
 *
 * @throws Error where two contradict each other
 */
export function settingsOfHost(registry: string, declared: readonly RegistryHost[]): RegistryHost {
  const one = <K extends "ca" | "caFile" | "insecure">(field: K): RegistryHost[K] => {
    const values = new Set(declared.flatMap((host) => host[field] ?? []));
    if (values.size > 1) {
      throw new Error(`${registry} is declared with two values of ${field}: a host is reached in one way`);
    }
    return [...values][0];
  };
  return defined({
    host: registry,
    ca: one("ca"),
    caFile: one("caFile"),
    insecure: one("insecure"),
    uploadHosts: declared.flatMap(({ uploadHosts = [] }) => uploadHosts),
    tokenHosts: declared.flatMap(({ tokenHosts = [] }) => tokenHosts),
  });
}

/** Returns whether a registry is spoken to in plain HTTP. */
export function usesPlainHttp(registry: string, settings: RegistryHost | undefined): boolean {
  if (settings?.insecure !== undefined) return settings.insecure;
  return isLocalRegistry(registry) && settings?.ca === undefined && settings?.caFile === undefined;
}
