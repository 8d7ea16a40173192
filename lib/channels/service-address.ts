/**
 * Checks an address that others are reached by.
 *
 * @param what it is of, e.g. `a registry`
 * @throws Error where it is none, or has credentials or a query
 */
export function checkServiceAddress(address: string, what: string, example: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain && (url.protocol === "https:" || url.protocol === "http:")) return;
  const shown = url?.password ? "the address" : JSON.stringify(address);
  throw new Error(
    `${shown} is not one of ${what}, without credentials and query (a valid example: "${example}")`,
  );
}
