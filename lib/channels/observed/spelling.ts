/** How a catalog spells versions: with what its packages add to those of a project. */
export const spellings = ["plain", "debian", "rpm", "alpine", "homebrew"] as const;

export type Spelling = (typeof spellings)[number];

/**
 * What each adds. Debian: epoch, revision, and `+dfsg` or `+ds` where files were left out (Debian Policy 5.6.12, Developer's
 * Reference 6.7.8.2); RPM: epoch and release (rpm-version(7)); Alpine: `-r1` (APKBUILD(5)); Homebrew: `_1`.
 */
const added: Readonly<Record<Spelling, readonly RegExp[]>> = {
  plain: [],
  debian: [/^\d+:/, /-[^-]*$/, /[+~.-](?:dfsg|ds|repack)[\w.+~]*$/],
  rpm: [/^\d+:/, /-[^-]*$/],
  alpine: [/-r\d+$/],
  homebrew: [/_\d+$/],
};

/** A version of a catalog, as its project writes it. */
export function plainVersion(
  text: string,
  {
    prefix = "",
    spelled = "plain",
  }: { readonly prefix?: string | undefined; readonly spelled?: Spelling | undefined },
): string {
  const trimmed = text.trim();
  const own = trimmed.startsWith(prefix) ? trimmed.slice(prefix.length) : trimmed;
  const plain = added[spelled].reduce((version, part) => version.replace(part, ""), own);
  // A tilde sorts before nothing there, as the hyphen of a pre-release does in semantic versioning.
  return spelled === "debian" || spelled === "rpm" ? plain.replace("~", "-") : plain;
}
