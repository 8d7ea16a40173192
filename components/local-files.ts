import type * as pulumi from "@pulumi/pulumi";
import { PlacedFile } from "../resources";
import type { BinaryOf } from "./archives";
import type { DistributionDeclaration } from "./declaration/declaration";
import { planLocalFiles } from "./declaration/local-file-plan";

/** Declares the files that are placed in the project. */
export function createLocalFiles(
  args: DistributionDeclaration,
  binaryOf: BinaryOf,
  parent: pulumi.Resource,
): PlacedFile[] {
  return planLocalFiles(args).map(({ binary, platform, path }) => {
    const name = `${binary}-${platform.replaceAll("/", "-")}-file`;
    return new PlacedFile(name, { path, ...binaryOf(binary, platform) }, { parent });
  });
}
