import type * as pulumi from "@pulumi/pulumi";
import { Archive, Command, type Artifact } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { extraArtifactValues, planExtraArtifacts } from "./declaration/extra-artifact-plan";
import { fillTemplate } from "./declaration/templates";

/** A file that a command made for the release. */
export interface MadeExtraArtifact {
  /** Name in the declaration. */
  readonly artifact: string;
  readonly file: pulumi.Output<Artifact>;
}

/** The further files of a distribution. */
export interface ExtraArtifacts {
  /** Number and order are known at once. */
  readonly made: MadeExtraArtifact[];
  /** Whatever is published has to wait for these. */
  readonly resources: pulumi.Resource[];
}

/**
 * Declares the commands, and their files at their places in the project.
 *
 * @param folder that takes the files, relative to the project's
 */
export function createExtraArtifacts(
  args: DistributionDeclaration,
  folder: string,
  parent: pulumi.Resource,
): ExtraArtifacts {
  const made = planExtraArtifacts(args).flatMap(({ artifact, names }) => {
    const command = createCommand(artifact, names, args, parent);
    return command === undefined
      ? []
      : names.map((name, index) => placed(artifact, name, index, command, folder, parent));
  });
  return {
    made: made.map(({ artifact, file }) => ({ artifact, file })),
    resources: made.map(({ resource }) => resource),
  };
}

function createCommand(
  artifact: string,
  outputs: readonly string[],
  args: DistributionDeclaration,
  parent: pulumi.Resource,
): Command | undefined {
  const declaration = args.extraArtifacts?.[artifact];
  if (declaration === undefined) return undefined;
  const values = extraArtifactValues(artifact, args);
  const fill = (text: string) => fillTemplate(text, values);
  const { command, env = {} } = declaration;
  return new Command(
    `${artifact}-artifacts`,
    {
      ...declaration,
      command: typeof command === "string" ? fill(command) : command.map(fill),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
      outputs: [...outputs],
    },
    { parent },
  );
}

function placed(
  artifact: string,
  name: string,
  index: number,
  command: Command,
  folder: string,
  parent: pulumi.Resource,
): MadeExtraArtifact & { resource: pulumi.Resource } {
  const path = `${folder}/${name}`;
  const content = command.files.apply((files) => {
    const found = files[name];
    if (!found)
      throw new Error(`${artifact}: the command wrote ${Object.keys(files).join(", ")}, not ${name}`);
    return found;
  });
  const entry = {
    path: name,
    source: content.apply((file) => file.path),
    digest: content.apply((file) => file.digest),
    mode: "0644",
  };
  // The name has the version in it, and the resource is that of the next one too.
  const resource = new Archive(
    `${artifact}-artifact-${index + 1}`,
    { path, format: "binary", entries: [entry] },
    { parent },
  );
  return { artifact, resource, file: resource.digest.apply((digest) => ({ name, path, digest })) };
}
