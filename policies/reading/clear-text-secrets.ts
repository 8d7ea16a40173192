/** Forms of tokens and keys that are secret wherever they are, by what they are. */
const forms: readonly (readonly [string, RegExp])[] = [
  ["private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["GitHub token", /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/],
  ["GitLab token", /\bglpat-[A-Za-z0-9_-]{20,}/],
  ["AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["Docker Hub token", /\bdckr_(pat|oat)_[A-Za-z0-9_-]{20,}/],
  ["npm token", /\bnpm_[A-Za-z0-9]{36}\b/],
  ["PyPI token", /\bpypi-[A-Za-z0-9_-]{50,}/],
  ["Slack token", /\bxox[abposr]-[A-Za-z0-9-]{10,}/],
  ["Google API key", /\bAIza[A-Za-z0-9_-]{35}/],
  ["Stripe key", /\b[rs]k_live_[A-Za-z0-9]{20,}/],
  ["JSON web token", /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ["password in an address", /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@${}]+@/i],
];

const secretName =
  /(^|[_.-])(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Returns what form of token or key is in a text, or undefined. */
export function secretForm(text: string): string | undefined {
  return forms.find(([, pattern]) => pattern.test(text))?.[0];
}

/**
 * Returns whether a variable of this name holds a secret by custom. `TOKEN_FILE` and `TOKEN_URL` do
 * not: the kinds are narrower than those of `lib/machine/secret-names`, for what is left out there
 * can be inherited, and what is found here is refused.
 */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_"));
}

/**
 * Returns whether a value is a secret itself and not empty, a variable, or where one is to be
 * found.
 */
export function isPlainValue(value: string): boolean {
  return value !== "" && !/^\$\{?\w|^\$\(|^\/run\/secrets\/|^(true|false|null|none|\*+)$/i.test(value);
}
