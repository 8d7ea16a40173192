import type { SecretTexts } from "./secret-texts";
import { cleanText } from "./terminal";

/**
 * Addresses with a password, which nobody has to mark as a secret: a message about one quotes it.
 */
const passwordInAddress = /(:\/\/[^/@\s:]{0,256}:)[^/@\s]{1,4096}@/g;

/** A text as people may read it: without the secrets, and without what a terminal would obey. */
export function shownText(text: string, secrets: SecretTexts): string {
  // What is taken away may have stood in the middle of a secret.
  return secrets.blot(cleanText(secrets.blot(text))).replace(passwordInAddress, "$1[secret]@");
}
