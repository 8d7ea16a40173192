import { CommitKeyError, readCommitSigner, type CommitSigner } from "../../lib/git/commit-signer";
import type { gitFilesDefinition } from "../../resources/definitions/git-files";
import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import type { DeclaredOf } from "../run/resource";

type Signing = Pick<DeclaredOf<typeof gitFilesDefinition>, "signingKey" | "signingPassphrase">;

/** @throws InputError for a key in clear text, and for one that signs no commits */
export async function refuseSigning(context: ResourceContext, declared: Signing): Promise<void> {
  const { signingKey, signingPassphrase } = declared;
  refuseClear(context, declared, { signingKey: "signingKey", signingPassphrase: "signingPassphrase" });
  if (hasUnknown([signingKey, signingPassphrase])) return;
  if (signingKey === undefined && signingPassphrase !== undefined) {
    throw new InputError([{ property: "signingPassphrase", reason: "has no signingKey that it opens" }]);
  }
  await signerOf(declared);
}

/**
 * Who signs the commits; undefined where nobody does.
 *
 * @throws InputError for what is no key that signs commits
 */
export async function signerOf({
  signingKey,
  signingPassphrase,
}: Signing): Promise<CommitSigner | undefined> {
  if (signingKey === undefined) return undefined;
  try {
    return await readCommitSigner(signingKey, signingPassphrase);
  } catch (error) {
    if (!(error instanceof CommitKeyError)) throw error;
    throw new InputError([{ property: "signingKey", reason: error.message }]);
  }
}
