import * as pulumi from "@pulumi/pulumi";
import { Archive, Command, type Artifact } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { extraArtifactValues, extraImageNames, planExtraArtifacts } from "./declaration/extra-artifact-plan";
import { fillTemplate, type TemplateValues } from "./declaration/templates";
import type { MultiArchImage } from "./multi-arch-image";

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
 * @param images that files may be made of
 * @param folder that takes the files, relative to the project's
 */
export function createExtraArtifacts(
  args: DistributionDeclaration,
  images: Readonly<Record<string, MultiArchImage>>,
  folder: string,
  parent: pulumi.Resource,
): ExtraArtifacts {
  const made = planExtraArtifacts(args).flatMap(({ artifact, names }) => {
    const command = createCommand(artifact, names, args, images, parent);
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
  images: Readonly<Record<string, MultiArchImage>>,
  parent: pulumi.Resource,
): Command | undefined {
  const declaration = args.extraArtifacts?.[artifact];
  if (declaration === undefined) return undefined;
  const values = extraArtifactValues(artifact, args);
  const { image: imageName, ...declared } = declaration;
  const image = imageName === undefined ? undefined : images[imageName];
  const fill = (text: string) => filled(text, values, image);
  const { command, env = {}, atPreview = image === undefined ? undefined : false } = declared;
  return new Command(
    `${artifact}-artifacts`,
    {
      ...declared,
      command: typeof command === "string" ? fill(command) : command.map(fill),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
      outputs: [...outputs],
      atPreview,
    },
    { parent, dependsOn: image === undefined ? [] : [...image.whole] },
  );
}

/** What does not name the image is known at once. */
function filled(
  text: string,
  values: TemplateValues,
  image: MultiArchImage | undefined,
): string | pulumi.Output<string> {
  const known = fillTemplate(text, values);
  if (image === undefined || !extraImageNames.some((name) => known.includes(`{${name}}`))) return known;
  const { repository } = image;
  return pulumi
    .all([image.digest, image.reference])
    .apply(([digest, reference]) => fillTemplate(known, { repository, digest, reference }));
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
