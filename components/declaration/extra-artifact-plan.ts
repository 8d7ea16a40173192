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

/** Names in a command that stand for the image that its files are made of. */
export const extraImageNames = ["repository", "digest", "reference"] as const;

/** A command leaves files in one folder, so their names have no folders; what it says of an image needs one. */
export function extraArtifactFindings(args: DistributionDeclaration): Finding[] {
  return [...nameFindings(args), ...imageFindings(args)];
}

function imageFindings({ extraArtifacts = {}, images }: DistributionDeclaration): Finding[] {
  return Object.entries(extraArtifacts).flatMap(([artifact, { image, command, env = {} }]): Finding[] => {
    const at = `extraArtifacts.${artifact}`;
    const declared = Object.keys(images);
    if (image !== undefined) {
      if (declared.includes(image)) return [];
      const reason = `there is no image ${JSON.stringify(image)}; declared are ${declared.join(", ")}`;
      return [{ property: `${at}.image`, reason }];
    }
    const texts = [command, ...Object.values(env)].flat();
    const named = extraImageNames.find((name) => texts.some((text) => text.includes(`{${name}}`)));
    if (named === undefined) return [];
    const reason =
      `{${named}} is that of an image, and none is named (a valid example: image: ` +
      `${JSON.stringify(declared[0] ?? "hello")})`;
    return [{ property: `${at}.command`, reason }];
  });
}

function nameFindings(args: DistributionDeclaration): Finding[] {
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
