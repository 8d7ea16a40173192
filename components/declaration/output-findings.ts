import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";

/**
 * Returns where files of images and archives are outputs. A declaration is checked as a whole before
 * anything is made, when no output has a value yet.
 */
export function outputFindings({ images, archives }: DistributionDeclaration): Finding[] {
  return Object.entries({ images, archives }).flatMap(([kind, declared]) =>
    Object.entries(declared ?? {}).flatMap(([name, declaration]) =>
      filesOf(declaration).flatMap((file, index) =>
        Object.entries(file ?? {})
          .filter(([, value]) => pulumi.Output.isInstance(value))
          .map(([field]) => ({
            property: `${kind}.${name}.files[${index}].${field}`,
            reason:
              "is an output, and a declaration is checked before there are any: declare what another project " +
              `releases in downloads, and name it here (a valid example: { binary: "axon" }); or make the ` +
              `${kind === "images" ? "image with Image" : "archive with Archive"}, which takes outputs`,
          })),
      ),
    ),
  );
}

function filesOf(declaration: unknown): readonly (object | null)[] {
  const { files } = (declaration ?? {}) as { files?: unknown };
  return Array.isArray(files) ? (files as (object | null)[]) : [];
}
