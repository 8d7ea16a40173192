import { byKeyOptions } from "../documents/verify-options";
import type { ListedVersion } from "../release/release-list";
import { shellWord } from "../text/shell-word";

/**
 * Commands that check an image by its digest: tags, the signature where the key is known, and what is attached.
 *
 * @param keyFile file with the public key that everything is signed with
 */
export function verifyCommands(
  { repository, digest, tags, proofs = [] }: ListedVersion["images"][number],
  keyFile: string | undefined,
): string[] {
  const reference = shellWord(`${repository}@${digest}`);
  const [tag] = tags;
  return [
    ...(tag === undefined
      ? []
      : [`test "$(crane digest ${shellWord(`${repository}:${tag}`)})" = ${shellWord(digest)}`]),
    ...(keyFile === undefined || !proofs.some(({ kind }) => kind === "signature")
      ? []
      : [`cosign verify --key ${shellWord(keyFile)} ${byKeyOptions(repository)} ${reference}`]),
    ...(proofs.length === 0 ? [] : [`cosign tree ${reference}`]),
  ];
}
