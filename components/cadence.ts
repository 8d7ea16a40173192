import * as pulumi from "@pulumi/pulumi";
import { Cadence } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { lockOf } from "./declaration/external-image-declaration";
import { declaredTag, type PlannedTag } from "./declaration/tag-rules";

/**
 * Looks how old the published images and the digests of their bases are, where a cadence is declared.
 *
 * @param repositories those of the images
 * @param tags what this run publishes
 * @returns what is overdue, in a sentence each
 */
export function createCadence(
  name: string,
  args: DistributionDeclaration,
  repositories: readonly string[],
  tags: readonly PlannedTag[],
  parent: pulumi.Resource,
): pulumi.Output<string[]> {
  const { cadence } = args;
  if (cadence === undefined) return pulumi.output([]);
  const { overdue } = new Cadence(
    name,
    { ...cadence, images: [...repositories], tags: tags.map(declaredTag), lock: lockOf(args) },
    { parent },
  );
  return overdue;
}
