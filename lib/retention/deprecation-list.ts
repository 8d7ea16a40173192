import * as z from "zod";
import { defined } from "../objects/defined";
import type { Notice } from "./notice";

/** The list of what users are told to leave, for machines, as JSON: the same notices always give the same bytes. */
export function deprecationList(distribution: string, notices: readonly Notice[]): string {
  const deprecated = notices.map(({ versions, since, removal, reason, instead }) =>
    defined({ versions, since, removal, reason, instead }),
  );
  return `${JSON.stringify({ schemaVersion: 1, distribution, deprecated }, undefined, 2)}\n`;
}

const list = z.object({
  schemaVersion: z.literal(1),
  deprecated: z.array(
    z.object({
      versions: z.string(),
      since: z.string(),
      removal: z.string().optional(),
      reason: z.string().optional(),
      instead: z.string().optional(),
    }),
  ),
});

/** The notices of such a list. @throws Error for what is none */
export function parseDeprecationList(text: string): Notice[] {
  return list.parse(JSON.parse(text)).deprecated;
}
