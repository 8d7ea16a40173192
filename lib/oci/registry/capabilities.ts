import { isRefusal, RegistryError } from "../errors";
import { MediaType } from "../media-types";
import { deleteScope, pullScope } from "../transport/scope";
import type { RegistryConnection, RegistryRequest } from "./connection";
import type { Capability } from "./capability";
import { tryMount } from "./mount-trial";
import { listLimits, parseJsonAnswer } from "./pagination";
import { isReferrersPath } from "./referrers-api";
import { webPageHint } from "./web-page";

/** What can be found out about a registry without leaving anything there. */
export interface Capabilities {
  /** Whether it lists what refers to a digest (distribution-spec 1.1, "Listing Referrers"). */
  readonly referrers: Capability;
  /** Whether manifests can be deleted (distribution-spec 1.1, "Deleting Manifests"). */
  readonly deletion: Capability;
  /** Whether a blob of it can be taken over without an upload (distribution-spec 1.1, "Mounting a blob from another repository"). */
  readonly mounting: Capability;
  /** Whether the repository that was asked about has something in it. */
  readonly isThere: boolean;
}

/** A digest that no content has. */
const nobodys = `sha256:${"0".repeat(64)}`;

/**
 * Asks what a registry can do, by what it answers about content that nobody has.
 *
 * @param path of a repository of it
 * @throws RegistryError where it does not answer
 */
export async function capabilitiesOf(
  connection: RegistryConnection,
  path: string,
  signal?: AbortSignal,
): Promise<Capabilities> {
  const tag = await someTag(connection, path, signal);
  const [listing, deleting, mounting] = await Promise.all([
    statusOf(connection, {
      operation: `listing referrers in ${connection.registry}/${path}`,
      method: "GET",
      target: `/v2/${path}/referrers/${nobodys}`,
      scopes: [pullScope(path)],
      headers: { accept: MediaType.ociIndex },
      follows: isReferrersPath,
      signal,
    }),
    statusOf(connection, {
      operation: `looking whether ${connection.registry}/${path} deletes`,
      method: "DELETE",
      target: `/v2/${path}/manifests/${nobodys}`,
      scopes: [deleteScope(path)],
      signal,
    }),
    tag === undefined ? Promise.resolve<Capability>("not known") : tryMount(connection, path, tag, signal),
  ]);
  const isThere = tag !== undefined;
  return { referrers: ofListing(listing, isThere), deletion: ofDeletion(deleting), mounting, isThere };
}

/** A tag of a repository; undefined where it has none, is not there, or may not be read. */
async function someTag(
  connection: RegistryConnection,
  path: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const request: RegistryRequest = {
    operation: `listing tags of ${connection.registry}/${path}`,
    method: "GET",
    target: `/v2/${path}/tags/list?n=1`,
    scopes: [pullScope(path)],
    expect: [200],
    signal,
  };
  try {
    const { tags } = parseJsonAnswer(
      request,
      await connection.read(request, listLimits.pageBytes),
      connection.origin,
    );
    const [first] = Array.isArray(tags) ? (tags as readonly unknown[]) : [];
    return typeof first === "string" ? first : undefined;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status === undefined || error.temporary) throw error;
    return undefined;
  }
}

/** A registry that has the API may answer 404 too, where the repository is not there. */
function ofListing(status: number, isThere: boolean): Capability {
  if (status === 200) return "yes";
  if (isRefusal(status)) return "not allowed";
  return isThere ? "no" : "not known";
}

function ofDeletion(status: number): Capability {
  if (status === 405 || status === 501) return "no";
  if (isRefusal(status)) return "not allowed";
  return status === 404 ? "yes" : "not known";
}

type Asked = Omit<Parameters<RegistryConnection["exchange"]>[0], "expect">;

async function statusOf(connection: RegistryConnection, request: Asked): Promise<number> {
  try {
    const response = await connection.perform({ ...request, expect: [200, 202] });
    // A page is what is there for people where the path is none of the API.
    return webPageHint(response, connection.origin) === undefined ? response.status : 404;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status === undefined || error.temporary) throw error;
    return error.status;
  }
}
