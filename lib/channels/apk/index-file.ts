import { readTar } from "../../oci/layer/tar-reader";
import { tarEnd } from "../../oci/layer/tar-header";
import { ApkIndexError, entriesText, parseEntries, type ApkEntry } from "./index-entry";
import type { ApkSigner } from "./package";
import { indexSigners, signatureName, signatureSegment } from "./package";
import { firstMember, smallSegment, textEntry } from "./segment";

/** Longest index that is unpacked, in bytes: 100,000 packages of usual size. */
export const longestIndex = 64 * 1024 * 1024;

/**
 * A signed index: the same packages, description and key give the same bytes.
 *
 * Source: apk-tools, src/app_index.c; its signature, as of packages, doc/apk-v2.5.
 *
 * @param description one line of at most 160 bytes
 */
export async function indexFile(
  entries: readonly ApkEntry[],
  description: string,
  signer: ApkSigner,
): Promise<Buffer> {
  const files = [textEntry("DESCRIPTION", description), textEntry("APKINDEX", entriesText(entries))];
  const signed = await smallSegment(files, tarEnd);
  return Buffer.concat([await signatureSegment(signed, indexSigners(signer)), signed]);
}

/** An index that was read, and who has signed it. */
export interface ReadIndex {
  readonly entries: readonly ApkEntry[];
  /** Whether one of those that were asked for has signed it. */
  readonly isSigned: boolean;
}

/**
 * Reads an index.
 *
 * @throws ApkIndexError for what is none
 */
export async function readIndex(bytes: Buffer, signer: ApkSigner): Promise<ReadIndex> {
  const first = await filesOfIndex(bytes);
  const signed = bytes.subarray(first.end);
  // One that nobody has signed is one segment.
  const text = first.files.get("APKINDEX") ?? (await filesOfIndex(signed)).files.get("APKINDEX");
  if (text === undefined) throw new ApkIndexError("there is no APKINDEX in it");
  return {
    entries: parseEntries(text.toString("utf8")),
    isSigned: indexSigners(signer).some((one) => {
      const signature = first.files.get(signatureName(one));
      return signature !== undefined && one.key.verifies(signed, signature);
    }),
  };
}

/**
 * Files of the first segment of an index, and where the next one begins.
 *
 * @throws ApkIndexError for what is none
 */
export async function filesOfIndex(
  bytes: Buffer,
): Promise<{ files: ReadonlyMap<string, Buffer>; end: number }> {
  try {
    const { content, end } = firstMember(bytes, longestIndex);
    const files = new Map<string, Buffer>();
    for await (const entry of readTar(onePiece(content))) {
      const pieces: Buffer[] = [];
      for await (const piece of entry.content) pieces.push(Buffer.from(piece));
      files.set(entry.name, Buffer.concat(pieces));
    }
    return { files, end };
  } catch (error) {
    throw new ApkIndexError(`is not an index of apk: ${(error as Error).message}`);
  }
}

async function* onePiece(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
