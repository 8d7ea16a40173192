import { defined } from "../../lib/objects/defined";
import { UNKNOWN } from "../pack/declared";
import { comesFrom, type StackNode } from "../pack/graph";
import type { Outcome } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushedReferences, pushingTypes } from "../reading/pushed";
import { asList, asRecord } from "../reading/values";
import { givesAnyOf, provenByValues, type Demand } from "./by-values";
import { chartType, listedImages } from "./platform-families";
import { canProve, proofTypes, scanType } from "./trust-types";

/** What the graph of a stack is asked for. */
export interface GraphDemand extends Demand {
  /**
   * Further resource types that count as proof of what they depend on, e.g.
   * `command:local:Command`.
   */
  readonly provenBy: readonly string[];
}

type NodeOutcome = Outcome & { urn: string };

/**
 * Looks at where the evidence of each tag comes from, which holds at preview too, when digests and
 * evidence are not known yet: from a trust resource of the kind whose subjects come from what the
 * tag's digest comes from.
 */
export function provenByGraph(stack: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  const proofs = stack.filter(
    (node) => (node.isSlipways && canProve(node, demand.kind)) || demand.provenBy.includes(node.type),
  );
  return stack.flatMap((node) => {
    if (isOneOf(promotingTypes, node)) return promoted(node, proofs, demand);
    if (isOneOf(pushingTypes, node)) return pushed(node, proofs, demand);
    return [];
  });
}

function promoted(node: StackNode, proofs: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  return promotedTags(node).flatMap((tag) => {
    // The look at the resource decides by values, and has told of a tag without evidence, or with
    // none of the kind.
    if (tag.evidence === undefined) return [];
    if (demand.aboutPrograms && isOfChart(node)) return [];
    const { later } = provenByValues(tag, demand, {
      platformsOf: () => new Set(),
      isChart: () => false,
    });
    if (!later && !givesAnyOf(tag.evidence, demand)) return [];
    const what = `tag ${tag.reference}`;
    const sources = proofs.filter((proof) => comesFrom(node, "evidence", proof));
    const lack = lackOf(sources, node, tag.digest, demand);
    if (lack === undefined) {
      const shortfall = later ? demand.acceptance?.promise?.(sources) : undefined;
      return [defined({ urn: node.urn, what, finding: shortfall && `points to what ${shortfall}` })];
    }
    if (!later && sources.length === 0) {
      return [{ urn: node.urn, what, finding: `has evidence that no ${typesOf(demand)} made: ${byHand}` }];
    }
    return [{ urn: node.urn, what, finding: lack }];
  });
}

/** Returns whether the digest that a tag points to is that of a chart alone. */
function isOfChart({ propertyDependencies }: StackNode): boolean {
  const origins = propertyDependencies.digest ?? [];
  return origins.length > 0 && origins.every((origin) => origin.isSlipways && origin.type === chartType);
}

const byHand = "it is written in the program";

/**
 * Returns what trust resources are not about, of the digest that a tag points to; undefined where
 * they are about all of it: by value where both are known, else by origin.
 */
function lackOf(
  proofs: readonly StackNode[],
  tag: StackNode,
  digest: unknown,
  demand: GraphDemand,
): string | undefined {
  if (proofs.length === 0) return `has no ${demand.wording}: its evidence comes from no ${typesOf(demand)}`;
  const names = proofs.map((proof) => proof.name).join(", ");
  const lacks = (what: string) => `has no ${demand.wording} for its digest: ${names} is ${what}`;
  if (isMadeByTag(tag) && digest === UNKNOWN) {
    return lacks(
      "about the whole index, and the tag points to an index of some platforms, which is " +
        "another digest: sign and scan an index of those platforms, and mirror that",
    );
  }
  const origins = isMadeByTag(tag) ? [] : (tag.propertyDependencies.digest ?? []);
  const images = demand.byPlatform ? imagesOf(origins) : [];
  const missing = images.filter(
    (image) => !proofs.some((proof) => isAbout(proof, image.digest, image.origins)),
  );
  if (images.length > 0 && missing.length === 0) return undefined;
  // A scan looks at images: of an index it says what it says of each that is listed.
  const whole = proofs.filter((proof) => origins.includes(proof) || isAbout(proof, digest, origins));
  const counts = images.length > 0 ? whole.filter(({ type }) => type !== scanType) : whole;
  if (counts.length > 0) return undefined;
  if (whole.length === 0 && missing.length === images.length) return lacks("about something else");
  return lacks(`not about each image of it: ${missing.map(({ name }) => name).join(", ")} is left out`);
}

/** Returns whether a tag points to a digest that its own resource makes. */
function isMadeByTag({ type, props }: StackNode): boolean {
  return type === "slipway:oci:Mirror" && props.platforms !== undefined;
}

/** An image that an index lists. */
interface ListedImage {
  readonly name: string;
  readonly digest: unknown;
  readonly origins: readonly StackNode[];
}

/**
 * The images that the indexes among some resources list, as far as the graph or the declared list
 * tells.
 */
function imagesOf(indexes: readonly StackNode[]): ListedImage[] {
  return indexes.flatMap((index) => {
    const { manifests = [], sources = [] } = index.propertyDependencies;
    const made = [...manifests, ...sources].map((node): ListedImage => ({
      name: node.name,
      digest: node.props.digest,
      origins: [node],
    }));
    const known = new Set(made.map(({ digest }) => digest));
    const written = listedImages(index.props.manifests)
      .filter((digest): digest is string => typeof digest === "string" && !known.has(digest))
      .map((digest): ListedImage => ({ name: digest, digest, origins: [] }));
    // Where a listed image is not known yet, or its digest, those that are written may be the same
    // ones.
    return made.some(({ digest }) => typeof digest !== "string") ? made : [...made, ...written];
  });
}

function isAbout(proof: StackNode, digest: unknown, origins: readonly StackNode[]): boolean {
  const subjects = asList(proof.props.subjects).map((subject) => asRecord(subject).digest);
  if (typeof digest === "string" && subjects.length > 0 && subjects.every((one) => typeof one === "string")) {
    return subjects.includes(digest);
  }
  return dependenciesOf(proof).some((source) => origins.includes(source));
}

/**
 * An image that is pushed under a name as it is made: something has to be known of it at least
 * right after.
 */
function pushed(node: StackNode, proofs: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  const about = proofs.filter((proof) => dependenciesOf(proof).includes(node));
  const images = demand.kind === "scan" ? imagesOf([node]) : [];
  const isScanned = images.every((image) =>
    proofs.some((proof) => isAbout(proof, image.digest, image.origins)),
  );
  const proven = about.some(({ type }) => type !== scanType || isScanned);
  return pushedReferences(node).map((reference) => {
    const what =
      `${node.type} ` + `${typeof reference === "string" ? reference : "(a reference that is not known)"}`;
    const known = typeof reference === "string" ? reference : undefined;
    const objection = proven ? objectionTo(about, known, demand) : undefined;
    if (objection !== undefined) return { urn: node.urn, what, finding: objection };
    if (proven) return { urn: node.urn, what };
    return {
      urn: node.urn,
      what,
      finding:
        `has no ${demand.wording}: it is pushed under its tag as it is made, and no ` +
        `${typesOf(demand)} is about it`,
    };
  });
}

/**
 * Returns why what the proofs themselves say does not count, once they have said it; undefined
 * where it does.
 */
function objectionTo(
  proofs: readonly StackNode[],
  place: string | undefined,
  { kind, wording, acceptance, provenBy }: GraphDemand,
): string | undefined {
  if (proofs.some(({ type, props }) => provenBy.includes(type) || !Array.isArray(props.evidence)))
    return undefined;
  const items = proofs.flatMap(({ props }) => asList(props.evidence));
  if (items.includes(UNKNOWN)) return undefined;
  const facts = items.map(asRecord).filter((item) => item.kind === kind);
  if (facts.some(({ result, signer, scanner }) => [result, signer, scanner].includes(UNKNOWN)))
    return undefined;
  const bad = facts.find(({ result }) => result !== "passed");
  if (bad) return `has a ${kind} of ${String(bad.subject)} with the result "${String(bad.result)}"`;
  const judged = facts.map((item) => ({ item, objection: acceptance?.objection(item, place) }));
  const counted = judged.filter(({ objection }) => objection === undefined).map(({ item }) => item);
  const reasons = [...new Set(judged.flatMap(({ objection }) => objection ?? []))];
  if (counted.length === 0) return `has no ${wording} that counts: ${reasons.join("; ") || "none is given"}`;
  const shortfall = acceptance?.shortfall?.(counted);
  return shortfall === undefined ? undefined : `has what ${shortfall}`;
}

/**
 * Returns what a proof is about: its subjects' origins, or for other types than trust resources all
 * that it depends on.
 */
function dependenciesOf(proof: StackNode): readonly StackNode[] {
  return proof.propertyDependencies.subjects ?? Object.values(proof.propertyDependencies).flat();
}

function typesOf(demand: GraphDemand): string {
  return [...proofTypes[demand.kind], ...demand.provenBy].join(" or ") || "resource";
}

function isOneOf(types: readonly string[], node: StackNode): boolean {
  return types.includes(node.type);
}
