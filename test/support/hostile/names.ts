import dns, { type LookupAddress, type LookupOptions } from "node:dns";

type Callback = (error: null, address: string | LookupAddress[], family?: number) => void;

/**
 * Makes every name below `.test` resolve to an address, in this process, until the function that it
 * returns is called: a server of a test is another machine then to every rule that looks at names
 * alone.
 */
export function resolveTestNames(address = "127.0.0.1"): () => void {
  const real = dns.lookup;
  const family = address.includes(":") ? 6 : 4;
  const lookup = (hostname: string, options: LookupOptions, callback: Callback) => {
    if (!hostname.endsWith(".test")) return Reflect.apply(real, dns, [hostname, options, callback]) as void;
    process.nextTick(() => {
      if (options.all) callback(null, [{ address, family }]);
      else callback(null, address, family);
    });
  };
  Object.assign(dns, { lookup });
  return () => Object.assign(dns, { lookup: real });
}
