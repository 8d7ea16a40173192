/** What an index wants, and what it does not take beyond what it has. */
export interface IndexRules {
  /** Whether nobody uploads without a token. */
  readonly needsToken: boolean;
  /**
   * Whether the entries of a wheel have to have their sizes before their content (warehouse,
   * `utils/zipfiles.py`: "ZIP contains a data descriptor").
   */
  readonly wantsSizesFirst: boolean;
  /** Whether a file name that was used once is never taken again, even after deletion. */
  readonly neverReuses: boolean;
  /** Days after its first file for which a release takes further ones; undefined: always. */
  readonly openDays?: number;
}

/** The Python Package Index. */
export const pypi = { simple: "https://pypi.org/simple", upload: "https://upload.pypi.org/legacy/" } as const;

/**
 * Hosts of the Python Package Index and its trial instance, whose rules are known: a file name is
 * used once (pypi.org/help, "file name reuse"), and a release that is 14 days old takes no files
 * (blog.pypi.org, 2026-07-23).
 */
const publicHosts: ReadonlySet<string> = new Set(["pypi.org", "upload.pypi.org", "test.pypi.org"]);

/** Returns the rules of an index, by the address of its uploads. */
export function indexRules(upload: URL): IndexRules {
  return publicHosts.has(upload.hostname)
    ? { needsToken: true, wantsSizesFirst: true, neverReuses: true, openDays: 14 }
    : { needsToken: false, wantsSizesFirst: false, neverReuses: false };
}

/** @throws Error for what is no address of an index */
export function checkIndexAddress(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const reason = !url
    ? "is not an address"
    : url.protocol !== "https:" && url.protocol !== "http:"
      ? "is neither https nor http"
      : url.username !== "" || url.password !== ""
        ? "has credentials in it: give username and token"
        : url.search !== "" || url.hash !== ""
          ? "has a query or a fragment"
          : undefined;
  if (reason === undefined) return;
  const shown = url?.password ? "the address" : JSON.stringify(address);
  throw new Error(`${shown} ${reason} (a valid example: "https://pypi.acme.example/simple")`);
}
