import { canonicalJson } from "../../lib/oci/canonical-json";
import { digestOf } from "../../lib/oci/digest";
import type { Evidence } from "../../resources/definitions/evidence";
import { hasUnknown } from "../base/unknown";
import type { RunRecord } from "./run-record";

/** The record of a fact: enough to recognize it and to describe it. */
export interface Fact extends Pick<Evidence, "kind" | "subject" | "result" | "by"> {
  /** Digest of the whole item: see {@link evidenceDigest}. */
  readonly digest: string;
}

/** A line of the record: what a resource says now, in the place of what it said before. */
interface Line {
  readonly urn: string;
  readonly facts: readonly Fact[];
}

/**
 * Digest by which an item of evidence, or a list of them, is known again: any change makes another.
 */
export function evidenceDigest(evidence: unknown): string {
  return digestOf(canonicalJson(evidence));
}

/**
 * The evidence that the resources of a run have given: of those that were made or changed as they
 * returned it, of those that are as they were as the state has it. What a program passes on is
 * compared with this.
 */
export class EvidenceRecord {
  private readonly facts = new Map<string, readonly Fact[]>();
  private flat: readonly Fact[] | undefined;

  constructor(private readonly record: RunRecord) {}

  /** Notes what a resource says. It replaces what the same resource said before. */
  note(urn: string, evidence: unknown): void {
    const facts = factsOf(evidence);
    if (facts.length === 0 && !this.facts.has(urn)) return;
    this.set(urn, facts);
    this.record.append({ urn, facts } satisfies Line);
  }

  /** Learns what other providers of the run were told. */
  learn(): void {
    for (const line of this.record.readNew()) if (isLine(line)) this.set(line.urn, line.facts);
  }

  /** Everything that was given. */
  all(): readonly Fact[] {
    return (this.flat ??= [...this.facts.values()].flat());
  }

  /**
   * Why what this provider was told did not reach the others of the run; undefined where it did.
   */
  get notShared(): string | undefined {
    return this.record.notShared;
  }

  private set(urn: string, facts: readonly Fact[]): void {
    this.facts.set(urn, facts);
    this.flat = undefined;
  }
}

/** At preview an item may be unknown, and says nothing yet. */
function factsOf(evidence: unknown): Fact[] {
  if (!Array.isArray(evidence)) return [];
  return (evidence as Evidence[])
    .filter((item) => !hasUnknown(item))
    .map((item) => {
      const { kind, subject, result, by } = item;
      return { digest: evidenceDigest(item), kind, subject, result, by };
    });
}

function isLine(value: unknown): value is Line {
  return typeof value === "object" && value !== null && "urn" in value && "facts" in value;
}
