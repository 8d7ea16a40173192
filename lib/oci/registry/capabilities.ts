import { isRefusal, RegistryError } from "../errors";
import { MediaType } from "../media-types";
import { deleteScope, pullScope } from "../transport/scope";
import type { RegistryConnection } from "./connection";

/** What a registry says of something that not every registry can: that it can, that it cannot, or neither. */
export type Capability = "yes" | "no" | "not allowed" | "not known";

/** What can be found out about a registry without leaving anything there. */
export interface Capabilities {
  /** Whether it lists what refers to a digest (distribution-spec 1.1, "Listing Referrers"). */
  readonly referrers: Capability;
  /** Whether manifests can be deleted (distribution-spec 1.1, "Deleting Manifests"). */
  readonly deletion: Capability;
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
  const [tags, listing, deleting] = await Promise.all([
    statusOf(connection, {
      operation: `listing tags of ${connection.registry}/${path}`,
      method: "GET",
      target: `/v2/${path}/tags/list?n=1`,
      scopes: [pullScope(path)],
      signal,
    }),
    statusOf(connection, {
      operation: `listing referrers in ${connection.registry}/${path}`,
      method: "GET",
      target: `/v2/${path}/referrers/${nobodys}`,
      scopes: [pullScope(path)],
      headers: { accept: MediaType.ociIndex },
      signal,
    }),
    statusOf(connection, {
      operation: `looking whether ${connection.registry}/${path} deletes`,
      method: "DELETE",
      target: `/v2/${path}/manifests/${nobodys}`,
      scopes: [deleteScope(path)],
      signal,
    }),
  ]);
  return { referrers: ofListing(listing, tags === 200), deletion: ofDeletion(deleting) };
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
    return (await connection.perform({ ...request, expect: [200, 202] })).status;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status === undefined || error.temporary) throw error;
    return error.status;
  }
}
