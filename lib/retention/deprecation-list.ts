import { defined } from "../objects/defined";
import type { Notice } from "./notice";

/** The list of what users are told to leave, for machines, as JSON: the same notices always give the same bytes. */
export function deprecationList(distribution: string, notices: readonly Notice[]): string {
  const deprecated = notices.map(({ versions, since, removal, reason, instead }) =>
    defined({ versions, since, removal, reason, instead }),
  );
  return `${JSON.stringify({ schemaVersion: 1, distribution, deprecated }, undefined, 2)}\n`;
}
