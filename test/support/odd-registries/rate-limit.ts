import { refusal } from "./exchange";
import type { Vendor } from "./vendor";

/** One request of so many is refused. */
const refusedOneIn = 12;

/**
 * GHCR: too many requests are answered with 429 and a wait of no length, some of them more than once.
 * https://github.com/falcosecurity/plugins/issues/1069
 */
export const rateLimit: Vendor = {
  name: "rate-limit",
  behavior: "answers 429 to one request of twelve, and asks for a wait of 0 s",
  source: "https://github.com/falcosecurity/plugins/issues/1069",
  behave: () => {
    let requests = 0;
    return (exchange) => {
      requests++;
      if (requests % refusedOneIn !== 0) return exchange.pass();
      const message = "retry-after: 985.86µs, allowed: 44000/minute";
      return refusal(429, "TOOMANYREQUESTS", message, { "retry-after": "0" });
    };
  },
};
