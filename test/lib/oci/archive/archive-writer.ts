import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { OciArchive } from "../../../../lib/oci/archive/archive";
import { imageManifest } from "../../../../lib/oci/image/manifest";
import { MediaType } from "../../../../lib/oci/media-types";
import { putBytes } from "./fixtures";

// A writer as a process of its own: `archive-writer FILE SIZE` writes an artifact v1 with SIZE
// bytes of zeros, says so, and seals the archive once it is told.

const pieceBytes = 1024 * 1024;

function* zeros(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += pieceBytes) yield Buffer.alloc(Math.min(pieceBytes, size - at));
}

async function main(file: string, size: number): Promise<void> {
  const hash = createHash("sha256");
  for (const piece of zeros(size)) hash.update(piece);
  const layer = { mediaType: "application/octet-stream", digest: `sha256:${hash.digest("hex")}`, size };
  const archive = new OciArchive(file);
  const config = await putBytes(archive, "{}", MediaType.ociEmpty);
  await archive.putBlob(layer, () => Readable.from(zeros(size), { objectMode: false }));
  const { bytes } = imageManifest(config, [layer], { artifactType: "application/x" });
  await archive.putManifest(bytes, MediaType.ociManifest, { tag: "v1" });
  console.log("written");
  await once(process.stdin, "data");
  await archive.seal();
  process.stdin.destroy();
}

const [, , file = "", size = ""] = process.argv;
void main(file, Number(size));
