import { createHash } from "node:crypto";
import { readFileContent } from "../oci/layer/file-content";

/** A digest that a file does not have. */
export interface WrongSum {
  readonly expected: string;
  readonly actual: string;
}

/**
 * Returns which of some digests a file does not have, the first of them, after one pass over its
 * content.
 *
 * @param digests `algorithm:<hex>`, at least one, of algorithms that Node's hashes have by that name
 */
export async function wrongSum(file: string, digests: readonly string[]): Promise<WrongSum | undefined> {
  if (digests.length === 0) throw new Error(`${file}: there is no digest to verify it with`);
  const sums = digests.map((expected) => {
    const algorithm = expected.slice(0, expected.indexOf(":"));
    return { expected, algorithm, hash: createHash(algorithm) };
  });
  for await (const bytes of readFileContent(file)) for (const { hash } of sums) hash.update(bytes);
  return sums
    .map(({ expected, algorithm, hash }) => ({ expected, actual: `${algorithm}:${hash.digest("hex")}` }))
    .find(({ expected, actual }) => expected !== actual);
}
