import { defined } from "../../objects/defined";

/** Proxies that the environment asks for, as curl and Go's programs read it. */
export interface ProxySettings {
  /** Proxy for `http:`. */
  readonly httpProxy?: string;
  /** Proxy for `https:`. */
  readonly httpsProxy?: string;
  /** Hosts that are reached without one, separated by commas. */
  readonly noProxy: string;
}

/**
 * A registry on the machine itself is never asked for by a proxy (Go's httpproxy has the same
 * rule).
 */
const thisMachine = ["localhost", "127.0.0.1", "[::1]"];

const schemes = new Set(["http:", "https:", "socks5:"]);

/**
 * Returns what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, in lower case first. Undefined where none
 * is asked for.
 *
 * @throws Error naming the variable; never its value, which can have a password
 */
export function proxySettings(env: NodeJS.ProcessEnv): ProxySettings | undefined {
  const httpProxy = proxyOf(env, "HTTP_PROXY");
  const httpsProxy = proxyOf(env, "HTTPS_PROXY");
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const declared = env.no_proxy ?? env.NO_PROXY ?? "";
  return defined({
    httpProxy,
    httpsProxy,
    noProxy: declared.trim() === "*" ? "*" : [declared, ...thisMachine].filter(Boolean).join(","),
  });
}

function proxyOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name.toLowerCase()] ?? env[name];
  if (!value) return undefined;
  const address = value.includes("://") ? value : `http://${value}`;
  const scheme = URL.canParse(address) ? new URL(address).protocol : undefined;
  if (scheme !== undefined && schemes.has(scheme)) return address;
  throw new Error(
    `the environment variable ${name} is not the address of a proxy: correct it or unset it (a valid example: ` +
      `${name}=http://proxy.example.com:3128)`,
  );
}
