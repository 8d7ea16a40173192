import { SigningKeyError } from "../../lib/channels/openpgp/private-key";
import { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { InputError } from "../../resources/definitions/input-findings";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";

/** A key as resources that sign declare it. */
interface DeclaredKey {
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/**
 * Refuses a key in clear text, which would be in the state.
 *
 * @param prefix of the example's configuration key, e.g. `apt`
 * @throws InputError
 */
export function refuseClearKey(context: ResourceContext, declared: DeclaredKey, prefix: string): void {
  refuseClear(context, declared, { key: `${prefix}Key`, passphrase: `${prefix}Passphrase` });
}

/** @throws InputError for what is no key that signs */
export async function keyOf({ key, passphrase }: DeclaredKey): Promise<SigningKey> {
  try {
    return await SigningKey.read(key, passphrase);
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error;
    throw new InputError([{ property: "key", reason: error.message }]);
  }
}
