import { shortDigest } from "../digest";
import { pullScope } from "../transport/scope";
import type { HttpResponse } from "../transport/http";
import type { RegistryConnection, RegistryRequest } from "./connection";
import { refuseWebPage } from "./web-page";

/**
 * Size in bytes of a blob as it can be read; undefined where the repository does not have it. Some
 * registries have blobs by name that are empty or cut off, and some proxies give no length, or 0,
 * for a blob that is whole: where the answer to HEAD is not the expected size, the first byte is
 * asked for, and with it comes the size.
 *
 * @param expected size in bytes, where it is known
 * @throws RegistryError
 */
export async function blobSize(
  connection: RegistryConnection,
  path: string,
  digest: string,
  expected?: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const request = {
    operation: `looking for blob ${shortDigest(digest)} in ${connection.registry}/${path}`,
    target: `/v2/${path}/blobs/${digest}`,
    scopes: [pullScope(path)],
    content: { path, references: [digest] },
    headers: { "accept-encoding": "identity" },
    signal,
  };
  const head = await connection.perform({ ...request, method: "HEAD", expect: [200, 404] });
  if (head.status === 404) return undefined;
  refuseWebPage({ ...request, method: "HEAD" }, head, connection.origin);
  const length = lengthOf(head);
  if (length !== undefined && (expected === undefined ? length > 0 : length === expected)) return length;
  return sizeByReading(connection, { ...request, method: "GET", expect: [200, 206, 404, 416] }, expected);
}

async function sizeByReading(
  connection: RegistryConnection,
  request: RegistryRequest,
  expected: number | undefined,
): Promise<number | undefined> {
  const headers = { ...request.headers, range: "bytes=0-0" };
  const response = await connection.exchange({ ...request, headers, download: true });
  try {
    if (response.status === 404) return undefined;
    // No byte is there (RFC 9110, 15.5.17).
    if (response.status === 416) return 0;
    const total = /\/(\d+)$/.exec(response.header("content-range") ?? "")?.[1];
    if (response.status === 206 && total !== undefined) return Number(total);
    if (response.status === 200) return lengthOf(response) ?? (await counted(response, expected));
    return expected;
  } finally {
    response.body.destroy();
  }
}

/** Bytes of a body that comes without a length; it is left where there are more than expected. */
async function counted(response: HttpResponse, expected = Number.POSITIVE_INFINITY): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.content()) {
    bytes += chunk.length;
    if (bytes > expected) break;
  }
  return bytes;
}

function lengthOf(response: HttpResponse): number | undefined {
  const length = Number(response.header("content-length") ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}
