/**
 * The token of a workflow of GitHub Actions; undefined where there is none.
 *
 * @param onSecret gets the tokens before they are used
 */
export async function workflowToken(
  audience: string,
  onSecret: (text: string) => void,
): Promise<string | undefined> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = process.env;
  if (!address || !token) return undefined;
  onSecret(token);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs have no such channel, and it loads much
  const { CIContextProvider } = require("@sigstore/sign") as typeof import("@sigstore/sign");
  const found = await new CIContextProvider(audience).getToken();
  onSecret(found);
  return found;
}
