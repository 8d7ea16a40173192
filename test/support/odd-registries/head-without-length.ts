import type { Answer } from "./exchange";
import type { Vendor } from "./vendor";

/**
 * OpenLiteSpeed, Cloud Run and other proxies: the length is left out of answers to HEAD.
 * https://github.com/litespeedtech/openlitespeed/issues/457
 */
export const headWithoutLength: Vendor = {
  name: "head-without-length",
  behavior: "is behind a proxy that leaves the length out of answers to HEAD",
  source: "https://github.com/litespeedtech/openlitespeed/issues/457",
  behave:
    () =>
    async ({ method, pass }) =>
      withLength(method, await pass(), undefined),
};

/**
 * GoDoxy and other proxies: answers to HEAD have a length of 0.
 * https://github.com/yusing/godoxy/issues/169
 */
export const headOfLengthZero: Vendor = {
  name: "head-of-length-zero",
  behavior: "is behind a proxy that answers HEAD with a length of 0",
  source: "https://github.com/yusing/godoxy/issues/169",
  behave:
    () =>
    async ({ method, pass }) =>
      withLength(method, await pass(), "0"),
};

function withLength(method: string, answer: Answer, length: string | undefined): Answer {
  if (method !== "HEAD") return answer;
  return { ...answer, headers: { ...answer.headers, "content-length": length } };
}
