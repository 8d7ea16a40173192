import type * as pulumi from "@pulumi/pulumi";
import { ReferenceError } from "../lib/oci/reference";
import { type Evidence, Tags } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { DeclarationError } from "./declaration/declaration-error";
import type { MultiArchImage } from "./multi-arch-image";
import { stageAfter } from "./stages";
import {
  declaredTag,
  planTags,
  semverTags,
  TagRuleError,
  type PlannedTag,
  type Release,
  type TagRule,
} from "./declaration/tag-rules";

/**
 * The tags of a distribution, by its rule.
 * @throws DeclarationError where the rule gives none, or a bad one
 */
export function tagsOf(name: string, args: DistributionDeclaration): PlannedTag[] {
  const { version } = args;
  try {
    const tags = planTags(ruleOf(args), releaseOf(args));
    if (tags.length > 0) return tags;
  } catch (error) {
    if (!(error instanceof TagRuleError || error instanceof ReferenceError)) throw error;
    // A rule's own error names the field that it is about; a bad tag can come from any rule.
    const property = error instanceof ReferenceError ? "tags" : "";
    throw new DeclarationError(`distribution ${JSON.stringify(name)}`, [{ property, reason: error.message }]);
  }
  throw new DeclarationError(`distribution ${JSON.stringify(name)}`, [
    {
      property: "version",
      reason:
        version === undefined
          ? `is missing, but the tag rule needs it (a valid example: "v1.2.3")`
          : `${JSON.stringify(version)}: the tag rule gives no tags for it`,
    },
  ]);
}

/**
 * Aliases that the version does not take, because it is a pre-release. They are declared all the
 * same: left out, they would leave the state, and a preview would show it as a deletion.
 */
export function keptTags(args: DistributionDeclaration): PlannedTag[] {
  return ruleOf(args).kept?.(releaseOf(args)) ?? [];
}

/** The names that its tags have, for who meets them in a registry. */
export function tagNamesOf(args: DistributionDeclaration) {
  return (ruleOf(args).names ?? []).map(({ also, commit, ...names }) => ({
    ...names,
    also: also && [...also],
    commit: commit && [...commit],
  }));
}

function ruleOf({ tags }: DistributionDeclaration): TagRule {
  return tags ?? semverTags();
}

function releaseOf(args: DistributionDeclaration): Release {
  const { version, commit, branch, pullRequest, rebuilt } = args;
  return { version, commit, branch, pullRequest, rebuilt };
}

/** An image, and what is known about its digests. */
export interface TaggedImage {
  readonly image: MultiArchImage;
  readonly evidence?: pulumi.Input<Evidence[]> | undefined;
}

/** The tags of a distribution's images. */
export interface ImageTags {
  readonly versionTags: readonly Tags[];
  readonly aliases: readonly Tags[];
  /** What has to wait for all version tags depends on these. */
  readonly tagged: pulumi.Resource[];
}

/**
 * Version tags when all images and archives are there and proven, for a version tag stays for ever
 * and a release that fails half-way has to be free to change; then whatever may move.
 *
 * @param proven what has to wait until all is proven depends on these
 */
export function createTags(
  distribution: string,
  images: readonly TaggedImage[],
  tags: readonly PlannedTag[],
  kept: readonly PlannedTag[],
  proven: pulumi.Resource[],
  parent: pulumi.Resource,
): ImageTags {
  const create = (kind: string, some: readonly PlannedTag[], dependsOn: pulumi.Resource[]) =>
    some.length === 0
      ? []
      : images.map(({ image, evidence }) => createImageTags(image, kind, some, evidence, dependsOn));
  const fixed = tags.filter(({ moves }) => moves === "never");
  const versionTags = create("version-tags", fixed, proven);
  const tagged = versionTags.length === 0 ? proven : stageAfter(distribution, "tagged", versionTags, parent);
  const aliases = create("aliases", [...tags.filter((tag) => !fixed.includes(tag)), ...kept], tagged);
  return { versionTags, aliases, tagged };
}

function createImageTags(
  image: MultiArchImage,
  kind: string,
  tags: readonly PlannedTag[],
  evidence: pulumi.Input<Evidence[]> | undefined,
  dependsOn: pulumi.Resource[],
): Tags {
  const path = image.repository.slice(image.repository.indexOf("/") + 1);
  return new Tags(
    `${path}:${kind}`,
    {
      repository: image.repository,
      digest: image.digest,
      tags: tags.map(declaredTag),
      evidence,
    },
    { parent: image, dependsOn },
  );
}
