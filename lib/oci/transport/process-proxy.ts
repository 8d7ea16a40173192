import { newAgent } from "./http-agent";
import { proxySettings } from "./proxy-settings";

/**
 * Makes every `fetch` of this process go through the proxies of the environment, where there are
 * any: Node's own has no eye for them before version 24. What is sent by an `HttpTransport` does so
 * by itself.
 *
 * @throws Error for an environment whose proxy is not the address of one
 */
export async function useProxiesOfEnvironment(env: NodeJS.ProcessEnv): Promise<void> {
  const proxies = proxySettings(env);
  if (!proxies) return;
  const { setGlobalDispatcher } = await import("undici/lib/global");
  setGlobalDispatcher(await newAgent({}, proxies));
}
