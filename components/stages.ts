import type * as pulumi from "@pulumi/pulumi";
import { Stage } from "../resources";

/** The stages of a release, in their order, and what holds when each is reached. */
const stages = {
  proven: "everything is there and proven",
  tagged: "every version tag is set",
  released: "every file can be downloaded",
  published: "everything is published",
} as const;

/**
 * The resources that what follows has to wait for: a stage that depends on all of them. Without it
 * each of many resources would name each of many others, in the state too, which would grow with
 * the square of what is released.
 *
 * @param after all that has to be done; where it is nothing, there is no stage
 */
export function stageAfter(
  distribution: string,
  stage: keyof typeof stages,
  after: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): pulumi.Resource[] {
  if (after.length === 0) return [];
  const options = { parent, dependsOn: [...after] };
  return [new Stage(`${distribution}-${stage}`, { reached: stages[stage] }, options)];
}
