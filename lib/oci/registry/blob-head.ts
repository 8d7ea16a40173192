import { shortDigest } from "../digest";
import { pullScope } from "../transport/scope";
import type { RegistryConnection } from "./connection";

/**
 * Size in bytes of a blob; undefined where the repository does not have it.
 *
 * @throws RegistryError
 */
export async function headBlob(
  connection: RegistryConnection,
  path: string,
  digest: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const response = await connection.perform({
    operation: `looking for blob ${shortDigest(digest)} in ${connection.registry}/${path}`,
    method: "HEAD",
    target: `/v2/${path}/blobs/${digest}`,
    scopes: [pullScope(path)],
    expect: [200, 404],
    headers: { "accept-encoding": "identity" },
    signal,
  });
  if (response.status === 404) return undefined;
  const size = Number(response.header("content-length"));
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
