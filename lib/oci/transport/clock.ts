import type { HttpResponse } from "./http";

/**
 * The time of the clock of who answered (RFC 9110, 6.6.1), in milliseconds; undefined where it does not tell, and where
 * the answer comes from a cache on the way (5.1 of RFC 9111).
 */
export function timeOfAnswer(response: Pick<HttpResponse, "header">): number | undefined {
  const time = Date.parse(response.header("date") ?? "");
  return Number.isNaN(time) || response.header("age") !== undefined ? undefined : time;
}
