import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { ResourceDefinition } from "../../resources/definitions/definition";
import type * as EvidenceModule from "../../resources/definitions/evidence";
import type { Evidence } from "../../resources/definitions/evidence";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { Properties } from "../base/properties";
import { hasUnknown } from "../base/unknown";
import { evidenceDigest, type EvidenceRecord, type Fact } from "./evidence-record";

/** Computed input: digest of the evidence, which says that all of it was found to be given. */
const computed = "evidenceDigest";

/** Names of the properties that are lists of evidence, whatever they are called. */
function evidenceFields({ shape }: z.ZodObject): string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- asked about configuration only, the provider does not need it
  const { evidenceItem } = require("../../resources/definitions/evidence") as typeof EvidenceModule;
  return Object.entries(shape)
    .filter(([, field]) => {
      const list: unknown = field instanceof z.ZodOptional ? field.unwrap() : field;
      return list instanceof z.ZodArray && list.element === evidenceItem;
    })
    .map(([name]) => name);
}

/** Outputs of a type that are evidence: what it says of digests. */
export function givenEvidence({ outputs }: ResourceDefinition): readonly string[] {
  return evidenceFields(outputs);
}

/** Inputs of a type that are evidence: what it publishes, or decides, on the word of others. */
export function takenEvidence({ inputs }: ResourceDefinition): readonly string[] {
  return evidenceFields(inputs);
}

/** A known failure that a list of evidence does not have. */
interface OmittedFailure {
  readonly field: string;
  readonly fact: Fact;
}

/**
 * Guards a resource that takes evidence: every item has to be exactly as a resource of this run, or
 * of the state, gave it. It decides before the resource is looked at, so nothing is published on a
 * word that nobody gave; what a preview does not know yet is looked at by the update.
 */
export class EvidenceGuard {
  /** The declared evidence, by input. */
  private readonly evidence: Properties;
  private readonly notGiven: readonly Finding[];
  /** Known failures, about whatever, that are not among the declared evidence. */
  private readonly omitted: readonly OmittedFailure[];

  /**
   * @throws InputError for items that no resource gave, where the resource cannot be as it was, and
   *   for failures of the declared digest that are left out
   */
  constructor(
    private readonly definition: ResourceDefinition,
    private readonly record: EvidenceRecord,
    private readonly declared: Properties,
    private readonly old: Properties | undefined,
  ) {
    this.evidence = evidenceOf(definition, declared);
    const lists = Object.entries(this.evidence);
    if (lists.length > 0) record.learn();
    const facts = record.all();
    this.omitted = lists.flatMap(([field, items]) => this.failuresOmitted(field, items, facts));
    const leftOut = this.leftOut(new Set([declared.digest]));
    this.notGiven = lists.flatMap(([field, items]) => this.itemsNotGiven(field, items, facts));
    if (leftOut.length > 0) throw new InputError([...this.notGiven, ...leftOut]);
    const isAsBefore = old?.[computed] !== undefined && old[computed] === digestOfKnown(this.evidence);
    if (this.notGiven.length > 0 && !isAsBefore) throw new InputError(this.notGiven);
  }

  /**
   * Checked inputs with the digest of their evidence. Under `--target` the engine does not ask
   * about the resources that gave it: then it may be what it was, for a resource that publishes
   * nothing else than it did.
   *
   * @throws InputError where it publishes something else
   */
  seal(checked: Properties): Properties {
    const digest = digestOfKnown(this.evidence);
    if (digest === undefined) return checked;
    const sealed = { ...checked, [computed]: digest };
    if (this.notGiven.length > 0 && !isDeepStrictEqual(defined(sealed), defined(this.old ?? {}))) {
      throw new InputError(this.notGiven);
    }
    return sealed;
  }

  private itemsNotGiven(field: string, items: unknown, facts: readonly Fact[]): Finding[] {
    if (!Array.isArray(items)) return [];
    const given = new Set(facts.map(({ digest }) => digest));
    return (items as Evidence[]).flatMap((item, index) =>
      hasUnknown(item) || given.has(evidenceDigest(item))
        ? []
        : [{ property: `${field}[${index}]`, reason: this.reasonOf(item, facts) }],
    );
  }

  /**
   * Refuses failures that are left out of what is published beside the declared digest: the digest
   * that tags will point to, the images that an index lists, and the files of a release.
   *
   * @param checked inputs with what the provider computes
   * @param imagesOf images that a digest lists in a place; asked only where a failure is known that
   * is not passed on
   * @throws InputError
   */
  async refuseLeftOut(
    checked: Properties,
    imagesOf: (place: string, digest: string) => Promise<readonly string[]>,
  ): Promise<void> {
    if (this.omitted.length === 0) return;
    const { digest, rootDigest, digests, assets, repository, source } = checked;
    const published = new Set<unknown>([rootDigest]);
    for (const file of Object.values((digests ?? {}) as Properties)) published.add(file);
    for (const asset of Array.isArray(assets) ? (assets as Properties[]) : []) published.add(asset.digest);
    const place = source ?? repository;
    if (typeof digest === "string" && typeof place === "string") {
      for (const image of await imagesOf(place, digest)) published.add(image);
    }
    const leftOut = this.leftOut(published);
    if (leftOut.length > 0) throw new InputError(leftOut);
  }

  /**
   * Returns failed evidence about a digest that is left out beside what passed: an advisory gate
   * lets pass, it does not hide.
   */
  private failuresOmitted(field: string, items: unknown, facts: readonly Fact[]): OmittedFailure[] {
    if (!Array.isArray(items) || hasUnknown(items)) return [];
    const passedOn = new Set(items.map(evidenceDigest));
    return facts
      .filter(({ result, digest }) => result === "failed" && !passedOn.has(digest))
      .map((fact) => ({ field, fact }));
  }

  private leftOut(subjects: ReadonlySet<unknown>): Finding[] {
    return this.omitted
      .filter(({ fact }) => subjects.has(fact.subject))
      .map(({ field, fact: { kind, by, subject } }) => ({
        property: field,
        reason:
          `leaves out that the ${kind} of ${subject} by ${by} has failed, so ${this.published()} stays as it is. ` +
          "Pass on all evidence that is given about a digest, the images of an index and the files of a release.",
      }));
  }

  private reasonOf(item: Evidence, facts: readonly Fact[]): string {
    const alike = facts.find(
      ({ kind, subject, by }) => kind === item.kind && subject === item.subject && by === item.by,
    );
    const instead =
      alike === undefined
        ? ""
        : alike.result === item.result
          ? "; one like it was given with other words"
          : `; what was given says ${JSON.stringify(alike.result)}`;
    const { notShared } = this.record;
    return (
      `${JSON.stringify(item)} was given by no resource of this run${instead}, so ${this.published()} ` +
      "stays as it is. Evidence is what slipway:trust and slipway:gate resources return: pass their `evidence` on unchanged. " +
      "With --target or --exclude, include those resources." +
      (notShared === undefined
        ? ""
        : ` (Providers of this run could not tell each other what they know: ${notShared})`)
    );
  }

  /** Returns what the resource would publish, for messages. */
  private published(): string {
    const { repository, target, directory, tag, tags } = this.declared;
    const place = [repository, target, directory].find((one) => typeof one === "string");
    const names = Array.isArray(tags) ? tags.map((one) => (one as Properties | undefined)?.tag) : [tag];
    const known = names.filter((one) => typeof one === "string");
    return `${place ?? this.definition.token}${known.length > 0 ? `:${known.join(", ")}` : ""}`;
  }
}

/**
 * Refuses evidence that no check has looked at.
 *
 * @throws Error before anything is published on its word
 */
export function refuseUnsealed(definition: ResourceDefinition, desired: Properties): void {
  const evidence = evidenceOf(definition, desired);
  if (Object.keys(evidence).length === 0) return;
  const digest = digestOfKnown(evidence);
  if (digest !== undefined && desired[computed] === digest) return;
  throw new Error(
    `${definition.token}: its ${Object.keys(evidence).join(" and ")} is not known, or was changed after it was checked: ` +
      "nothing is published on it. Run the update again with the resources that give it.",
  );
}

/** Inputs without what only the guard may write. */
export function withoutSeal(inputs: Properties): Properties {
  const { [computed]: _computed, ...declared } = inputs;
  return declared;
}

function evidenceOf(definition: ResourceDefinition, inputs: Properties): Properties {
  const fields = takenEvidence(definition).filter((field) => inputs[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, inputs[field]]));
}

/** Digest of declared evidence; undefined where there is none, or not all of it is known. */
function digestOfKnown(evidence: Properties): string | undefined {
  return Object.keys(evidence).length === 0 || hasUnknown(evidence) ? undefined : evidenceDigest(evidence);
}

function defined(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
