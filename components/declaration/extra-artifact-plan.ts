import { commandDefinition } from "../../resources/definitions/command";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { fillTemplate, versionValues, type TemplateValues } from "./templates";

/** Files that one command makes for the release. */
export interface PlannedExtraArtifact {
  /** Name in the declaration. */
  readonly artifact: string;
  /** Names of the files, as they are released. */
  readonly names: readonly string[];
}

/** The further files of a declaration, with their names filled in. */
export function planExtraArtifacts(
  args: Pick<DistributionDeclaration, "extraArtifacts" | "version">,
): PlannedExtraArtifact[] {
  return Object.entries(args.extraArtifacts ?? {}).map(([artifact, { outputs }]) => {
    const values = extraArtifactValues(artifact, args);
    return { artifact, names: outputs.map((name) => fillTemplate(name, values)) };
  });
}

/** What names and commands of an entry are filled with. */
export function extraArtifactValues(
  artifact: string,
  { version = "" }: Pick<DistributionDeclaration, "version">,
): TemplateValues {
  return { ...versionValues(version), name: artifact };
}

/** A command leaves files in one folder, so their names have no folders. */
export function extraArtifactFindings(args: DistributionDeclaration): Finding[] {
  const { element } = commandDefinition.inputs.shape.outputs;
  return planExtraArtifacts(args).flatMap(({ artifact, names }) =>
    names.flatMap((name, index): Finding[] => {
      const [issue] = element.safeParse(name).error?.issues ?? [];
      if (issue === undefined) return [];
      const property = `extraArtifacts.${artifact}.outputs[${index}]`;
      return [
        {
          property,
          reason: `${JSON.stringify(name)}: ${issue.message} (a valid example: "hello-1.0.0.iso")`,
        },
      ];
    }),
  );
}
