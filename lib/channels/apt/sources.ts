/** What users put on their machine to install from a repository. */
export interface AptSource {
  /** Address at which the folder is served. */
  readonly url: string;
  readonly suite: string;
  readonly component: string;
  /** The public keys, armored. */
  readonly publicKeys: string;
}

/**
 * A source of packages with its keys in it, so that no other key is believed for it.
 *
 * Source: sources.list(5), "DEB822-STYLE FORMAT"; a key inside `Signed-By` since apt 2.3.10.
 */
export function sourcesText({ url, suite, component, publicKeys }: AptSource): string {
  const keys = publicKeys
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? " .\n" : ` ${line}\n`))
    .join("");
  return `Types: deb\nURIs: ${url}\nSuites: ${suite}\nComponents: ${component}\nSigned-By:\n${keys}`;
}
