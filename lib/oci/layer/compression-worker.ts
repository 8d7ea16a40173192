import { parentPort } from "node:worker_threads";
import type { CompressionAnswer, CompressionRequest, PieceCompression } from "./compression";
import { loadDeflate } from "./deflate";
import { deflateBlocks } from "./deflate-blocks";
import { loadGzip } from "./gzip";
import { loadZstd } from "./zstd";

/** Entry of a worker thread: compresses the pieces it is sent, one after another. */
if (!parentPort) throw new Error("the compression worker runs in a worker thread only");
const port = parentPort;

port.on("message", (request: CompressionRequest) => {
  void answer(request);
});

const compressors: Readonly<
  Record<PieceCompression, () => Promise<(piece: Uint8Array) => Uint8Array<ArrayBuffer>>>
> = {
  gzip: loadGzip,
  deflate: loadDeflate,
  "deflate-blocks": async () => deflateBlocks,
  zstd: loadZstd,
};

async function answer({ id, compression, memory, length }: CompressionRequest): Promise<void> {
  const piece = new Uint8Array(memory, 0, length);
  let reply: CompressionAnswer;
  try {
    const compress = await compressors[compression]();
    reply = { id, memory, compressed: compress(piece) };
  } catch (error) {
    reply = { id, memory, failure: error instanceof Error ? error.message : String(error) };
  }
  const moved = "compressed" in reply ? [memory, reply.compressed.buffer] : [memory];
  port.postMessage(reply, moved);
}
