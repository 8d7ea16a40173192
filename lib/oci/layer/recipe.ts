import { digestOf } from "../digest";
import { canonicalJson } from "../canonical-json";
import type { Compression } from "./compression";
import type { LayerEntry } from "./entry";

/**
 * Version of everything that turns entries into bytes: the archive's headers, the size of a
 * compressed piece, the level and the version of each compressor. Whoever changes a byte of any
 * layer raises it, or caches would go on giving out the old bytes. The test of fixed digests
 * notices.
 */
const layerFormat = 2;

/**
 * A digest of everything that decides the bytes of a layer: equal recipes mean equal layers. It is
 * the key of the layer cache, and costs no reading of content.
 *
 * @param mtimeSeconds modification time of every entry, in seconds since 1970
 */
export function layerRecipe(
  entries: readonly LayerEntry[],
  compression: Compression,
  mtimeSeconds = 0,
): string {
  const listed = entries.map(({ path, type, mode, uid, gid, size, digest, linkname }) => ({
    path,
    type,
    mode,
    uid,
    gid,
    size,
    digest,
    linkname,
  }));
  return digestOf(canonicalJson({ format: layerFormat, compression, mtimeSeconds, entries: listed }));
}
