import { comesFrom, type StackNode } from "../pack/graph";
import type { Outcome } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushedReferences, pushingTypes } from "../reading/pushed";
import { asList, asRecord } from "../reading/values";
import { givesAnyOf, provenByValues, type Demand } from "./by-values";
import { canProve, proofTypes } from "./trust-types";

/** What the graph of a stack is asked for. */
export interface GraphDemand extends Demand {
  /** Further resource types that count as proof of what they depend on, e.g. `command:local:Command`. */
  readonly provenBy: readonly string[];
  /** Whether evidence that a program writes itself counts as much as that of a trust resource. */
  readonly acceptHandWritten: boolean;
}

type NodeOutcome = Outcome & { urn: string };

/**
 * Looks at where the evidence of each tag comes from, which holds at preview too, when digests and evidence are not known
 * yet: from a trust resource of the kind whose subjects come from what the tag's digest comes from.
 */
export function provenByGraph(stack: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  const proofs = stack.filter((node) => canProve(node, demand.kind) || demand.provenBy.includes(node.type));
  return stack.flatMap((node) => {
    if (isOneOf(promotingTypes, node)) return promoted(node, proofs, demand);
    if (isOneOf(pushingTypes, node)) return pushed(node, proofs, demand);
    return [];
  });
}

function promoted(node: StackNode, proofs: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  return promotedTags(node).flatMap((tag) => {
    // The look at the resource decides by values, and has told of a tag without evidence, or with none of the kind.
    if (tag.evidence === undefined) return [];
    const { later } = provenByValues(tag, demand, { platformsOf: () => new Set() });
    if (!later && (demand.acceptHandWritten || !givesAnyOf(tag.evidence, demand))) return [];
    const what = `tag ${tag.reference}`;
    const sources = proofs.filter((proof) => comesFrom(node, "evidence", proof));
    if (isAboutDigestOf(sources, node, demand)) return [{ urn: node.urn, what }];
    if (!later && sources.length === 0) {
      return [
        { urn: node.urn, what, finding: `has evidence that no ${typesOf(demand)} has made: ${byHand}` },
      ];
    }
    return [{ urn: node.urn, what, finding: lackOf(sources, demand) }];
  });
}

const byHand = "it is written in the program";

function lackOf(sources: readonly StackNode[], demand: GraphDemand): string {
  if (sources.length === 0) {
    return `has no ${demand.wording}: its evidence comes from no ${typesOf(demand)}`;
  }
  const names = sources.map((source) => source.name).join(", ");
  return `has no ${demand.wording} for its digest: ${names} is about something else`;
}

/** Whether trust resources are about the digest that a tag points to: by value where both are known, else by origin. */
function isAboutDigestOf(proofs: readonly StackNode[], tag: StackNode, demand: GraphDemand): boolean {
  const origins = tag.propertyDependencies.digest ?? [];
  if (proofs.some((proof) => isAbout(proof, tag.props.digest, origins) || origins.includes(proof)))
    return true;
  if (!demand.byPlatform) return false;
  const platforms = origins.flatMap((origin) => origin.propertyDependencies.manifests ?? []);
  return (
    platforms.length > 0 &&
    platforms.every((image) => proofs.some((proof) => isAbout(proof, image.props.digest, [image])))
  );
}

function isAbout(proof: StackNode, digest: unknown, origins: readonly StackNode[]): boolean {
  const subjects = asList(proof.props.subjects).map((subject) => asRecord(subject).digest);
  if (typeof digest === "string" && subjects.length > 0 && subjects.every((one) => typeof one === "string")) {
    return subjects.includes(digest);
  }
  return dependenciesOf(proof).some((source) => origins.includes(source));
}

/** An image that is pushed under a name as it is made: something has to be known of it at least right after. */
function pushed(node: StackNode, proofs: readonly StackNode[], demand: GraphDemand): NodeOutcome[] {
  const proven = proofs.some((proof) => dependenciesOf(proof).includes(node));
  return pushedReferences(node).map((reference) => {
    const what = `${node.type} ${typeof reference === "string" ? reference : "(a reference not known yet)"}`;
    if (proven) return { urn: node.urn, what };
    return {
      urn: node.urn,
      what,
      finding: `has no ${demand.wording}: it is pushed under its tag as it is made, and no ${typesOf(demand)} is about it`,
    };
  });
}

/** What a proof is about: its subjects' origins, or for other types than trust resources all that it depends on. */
function dependenciesOf(proof: StackNode): readonly StackNode[] {
  return proof.propertyDependencies.subjects ?? Object.values(proof.propertyDependencies).flat();
}

function typesOf(demand: GraphDemand): string {
  return [...proofTypes[demand.kind], ...demand.provenBy].join(" or ") || "resource";
}

function isOneOf(types: readonly string[], node: StackNode): boolean {
  return types.includes(node.type);
}
