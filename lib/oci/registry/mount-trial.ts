import { RegistryError } from "../errors";
import { manifestContent } from "../manifest-content";
import { manifestAccept } from "../media-types";
import { pullScope, pushScope } from "../transport/scope";
import type { Capability } from "./capability";
import type { RegistryConnection } from "./connection";
import { manifestLimitBytes } from "./manifest-store";
import { cancel } from "./upload-trial";

/**
 * Asks whether a registry mounts blobs: a configuration that is in a repository already is mounted there from the same
 * repository, which changes nothing. An upload that begins in its place is canceled.
 *
 * Source: distribution-spec 1.1, "Mounting a blob from another repository".
 *
 * @param reference a tag or digest of the repository
 * @throws RegistryError where it does not answer
 */
export async function tryMount(
  connection: RegistryConnection,
  path: string,
  reference: string,
  signal?: AbortSignal,
): Promise<Capability> {
  const digest = await configuration(connection, path, reference, signal);
  if (digest === undefined) return "not known";
  const query = new URLSearchParams({ mount: digest, from: path });
  try {
    const response = await connection.perform({
      operation: `looking whether ${connection.registry}/${path} mounts blobs`,
      method: "POST",
      target: `/v2/${path}/blobs/uploads/?${query.toString()}`,
      scopes: [pushScope(path)],
      expect: [201, 202],
      body: "",
      signal,
    });
    if (response.status === 201) return "yes";
    await cancel(connection, path, response, signal);
    return "no";
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status === undefined || error.temporary) throw error;
    return "not known";
  }
}

/** Digest of the configuration of an image, or of the first image of an index; undefined where there is none. */
async function configuration(
  connection: RegistryConnection,
  path: string,
  reference: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const isFirst of [true, false]) {
    const { response, bytes } = await connection.read(
      {
        operation: `reading ${connection.registry}/${path} ${reference}`,
        method: "GET",
        target: `/v2/${path}/manifests/${reference}`,
        scopes: [pullScope(path)],
        headers: { accept: manifestAccept },
        expect: [200, 404],
        signal,
      },
      manifestLimitBytes,
    );
    const content = response.status === 200 ? manifestContent(bytes) : undefined;
    const child = content?.manifests?.[0]?.digest;
    if (!isFirst || child === undefined) return content?.config?.digest;
    reference = child;
  }
  return undefined;
}
