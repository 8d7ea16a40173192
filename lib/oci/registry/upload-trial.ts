import { RegistryError } from "../errors";
import type { HttpResponse } from "../transport/http";
import { pushScope } from "../transport/scope";
import { sessionOf } from "./blob-upload";
import type { RegistryConnection } from "./connection";

/** What became of an upload that was begun to see whether it may be. */
export interface UploadTrial {
  /** How the registry answered when it was canceled; undefined where it took that. */
  readonly keptWith: string | undefined;
}

/** Answers to a DELETE of a session that is gone then. */
const canceled: readonly number[] = [200, 202, 204];

/**
 * Begins an upload and cancels it before a byte is sent: who may begin one may push. A registry that
 * does not cancel ends it by itself.
 *
 * Source: distribution-spec 1.1, "Pushing blobs" (POST) and "Canceling an upload" (DELETE).
 *
 * @throws RegistryError, CredentialsError where it may not be begun
 */
export async function tryUpload(
  connection: RegistryConnection,
  path: string,
  signal?: AbortSignal,
): Promise<UploadTrial> {
  const place = `${connection.registry}/${path}`;
  const response = await connection.perform({
    operation: `starting an upload to ${place}`,
    method: "POST",
    target: `/v2/${path}/blobs/uploads/`,
    scopes: [pushScope(path)],
    expect: [202],
    body: "",
    signal,
  });
  return { keptWith: await cancel(connection, path, response, signal) };
}

/**
 * Cancels an upload that a registry has begun.
 *
 * @returns how it answered where it does not cancel it; undefined where it does
 */
export async function cancel(
  connection: RegistryConnection,
  path: string,
  begun: HttpResponse,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { url } = sessionOf(connection, begun, "POST");
  try {
    await connection.perform({
      operation: `canceling an upload to ${connection.registry}/${path}`,
      method: "DELETE",
      target: url,
      scopes: [pushScope(path)],
      expect: canceled,
      signal,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return error.status === undefined ? "no answer" : `HTTP ${error.status}`;
  }
}
