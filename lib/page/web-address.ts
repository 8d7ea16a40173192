/**
 * An address that a reader may follow; undefined for what is none, such as `javascript:…`, and for one with a user in it, which
 * looks like that of another host.
 */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const { protocol, username, password, href } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "" ? href : undefined;
}
