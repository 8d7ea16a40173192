import * as z from "zod";
import { parsedObject } from "../../oci/parsed-object";

/**
 * OpenVEX: what a project says about vulnerabilities of what it ships. Source: OpenVEX
 * specification 0.2.0, "The OpenVEX Format".
 */

/** Predicate type of statements with such a document, which cosign knows as `openvex`. */
export const openVexPredicateType = "https://openvex.dev/ns";

/** The version that is read; the address is also the `@context` of its documents. */
export const openVexContext = "https://openvex.dev/ns/v0.2.0";

export const vexStatuses = ["not_affected", "affected", "fixed", "under_investigation"] as const;

export type VexStatus = (typeof vexStatuses)[number];

/** What says that a vulnerability does no harm where the product is. */
export const acceptingStatuses: ReadonlySet<VexStatus> = new Set(["not_affected", "fixed"]);

const justifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;

const time = z.iso.datetime({
  offset: true,
  error: "a time of RFC 3339 is expected, e.g. 2026-11-30T12:00:00Z",
});

const component = z.object({
  "@id": z.string().optional(),
  identifiers: z.object({ purl: z.string().optional() }).optional(),
});

const product = component.extend({ subcomponents: z.array(component).optional() });

const statement = z.object({
  vulnerability: z.object({
    "@id": z.string().optional(),
    name: z.string().min(1, 'an identifier is expected, e.g. "CVE-2021-23337"'),
    aliases: z.array(z.string()).optional(),
  }),
  timestamp: time.optional(),
  last_updated: time.optional(),
  products: z.array(product).optional(),
  status: z.enum(vexStatuses),
  status_notes: z.string().optional(),
  justification: z.enum(justifications).optional(),
  impact_statement: z.string().optional(),
});

const document = z.object({
  "@context": z.literal(openVexContext, { error: `${JSON.stringify(openVexContext)} is expected` }),
  "@id": z.string().min(1, "an IRI is expected"),
  author: z.string().min(1, "who says it is expected"),
  timestamp: time,
  last_updated: time.optional(),
  statements: z.array(statement).min(1, "at least one statement is expected"),
});

/** Something that a statement is about. */
export interface VexComponent {
  /** Package URLs and other identifiers, any of which names it. */
  readonly identifiers: readonly string[];
}

/** Something that is shipped, and the parts of it that a statement is about: all, where none is named. */
export interface VexProduct extends VexComponent {
  readonly subcomponents: readonly VexComponent[];
}

/** What one statement says. */
export interface VexStatement {
  /** Identifier of the vulnerability, then its aliases. */
  readonly vulnerabilities: readonly [string, ...string[]];
  readonly status: VexStatus;
  /** Why, in the document's own words. */
  readonly reason: string;
  readonly products: readonly VexProduct[];
  /** When it was said last, in milliseconds since 1970. */
  readonly time: number;
  /** File that it stands in, for messages. */
  readonly file: string;
}

/** A document that cannot be read as OpenVEX. */
export class VexError extends Error {
  override readonly name = "VexError";
}

/**
 * Reads an OpenVEX document.
 *
 * @param file its name, for messages
 * @throws VexError naming the file, the field and what is expected
 */
export function readVexDocument(text: string, file: string): VexStatement[] {
  let value: unknown;
  try {
    value = parsedObject(text, file);
  } catch (error) {
    throw new VexError((error as Error).message, { cause: error });
  }
  const read = document.safeParse(value);
  if (!read.success) {
    const reasons = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new VexError(`${file} is not an OpenVEX document of version 0.2.0: ${reasons.join("; ")}`);
  }
  const { statements, ...of } = read.data;
  return statements.map((one, position) => {
    const place = `${file}: statements.${position}`;
    if (one.status === "not_affected" && !one.justification && !one.impact_statement) {
      throw new VexError(
        `${place}: "not_affected" needs a reason: a justification (${justifications.join(", ")}) or an impact_statement`,
      );
    }
    if (!one.products?.length) {
      throw new VexError(
        `${place}.products: nothing says what it is about (a valid example: [{ "@id": "pkg:npm/lodash@4.17.20" }])`,
      );
    }
    const { "@id": id, name, aliases = [] } = one.vulnerability;
    return {
      vulnerabilities: [name, ...aliases, ...(id === undefined ? [] : [id])],
      status: one.status,
      reason: [one.justification, one.impact_statement ?? one.status_notes].filter(Boolean).join(": "),
      products: one.products.map(({ subcomponents = [], ...itself }) => ({
        identifiers: identifiersOf(itself),
        subcomponents: subcomponents.map((part) => ({ identifiers: identifiersOf(part) })),
      })),
      // Statements without a time have that of their document (specification, "Inheritance Flow").
      time: Date.parse(one.last_updated ?? one.timestamp ?? of.last_updated ?? of.timestamp),
      file,
    };
  });
}

function identifiersOf({ "@id": id, identifiers }: z.infer<typeof component>): string[] {
  return [id, identifiers?.purl].filter((text) => text !== undefined);
}
