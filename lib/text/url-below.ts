/**
 * Returns the address of something below another one.
 *
 * @param parts segments of the path, which may have slashes in them; what a path cannot have is escaped
 */
export function urlBelow(base: string, parts: readonly string[]): string {
  const path = parts.flatMap((part) => part.split("/")).map(encodeURIComponent);
  return `${base.replace(/\/+$/, "")}/${path.join("/")}`;
}

/** @throws Error for what is no address that files can be below */
export function checkBaseUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error("is no http or https address");
  if (url.username || url.password || url.search || url.hash) {
    throw new Error("an address without credentials, query or fragment is expected");
  }
}
