import * as pulumi from "@pulumi/pulumi";
import { defined } from "../lib/objects/defined";
import type { BinaryBuilds } from "./binary-builds";
import type { DistributionDeclaration } from "./declaration/declaration";
import { builtContexts } from "./declaration/own-bases";
import type { ImageDeclaration } from "./declaration/image-declaration";
import type { MultiArchImage } from "./multi-arch-image";
import type { BuildFacts } from "./trust";

/**
 * How the parameters of a provenance are to be read: they are the declaration of the image, as it
 * is in the program.
 */
const buildType = "urn:slipway:build:image:v1";

/** Returns what an image is made from: its declaration, and the binaries in it. */
export function buildFacts(
  imageName: string,
  args: DistributionDeclaration,
  binaries: BinaryBuilds,
  published: MultiArchImage,
): BuildFacts {
  const image = args.images[imageName];
  const names = new Set([
    ...(image?.files ?? []).flatMap(({ binary }) => binary ?? []),
    ...(image ? Object.values(builtContexts(image)) : []),
  ]);
  const declared = Object.fromEntries([...names].map((name) => [name, args.binaries?.[name]]));
  return {
    buildType,
    parameters: {
      version: args.version,
      image: { ...image, secrets: image?.secrets && Object.keys(image.secrets) },
      binaries: names.size > 0 ? declared : undefined,
    },
    programs: programsOf(image, args),
    source: defined({ repository: args.source, revision: args.commit, version: args.version }),
    dependencies: pulumi
      .output(basesOf(published, image))
      .apply((bases) => pulumi.output([...bases, ...binaries.dependencies(names)])),
  };
}

/** Programs of others, which are downloaded, have versions and licenses of their own. */
function programsOf(
  image: ImageDeclaration | undefined,
  { version, licenses, source, binaries = {} }: DistributionDeclaration,
): BuildFacts["programs"] {
  const declared: readonly { to: string; binary?: string }[] = image?.files ?? [];
  const files = declared.flatMap(({ to, binary }) =>
    binary !== undefined && binary in binaries ? [{ path: to, name: binary }] : [],
  );
  if (version === undefined && licenses === undefined) return undefined;
  return defined({ version, licenses, source, files: files.length > 0 ? files : undefined });
}

/** The images that an image was made from, as far as they come from elsewhere. */
function basesOf(
  { context }: MultiArchImage,
  image: ImageDeclaration | undefined,
): pulumi.Input<{ uri: string; digest?: string }[]> {
  if (!context) return typeof image?.base === "string" ? [{ uri: image.base }] : [];
  return context.bases.apply((bases) =>
    bases
      .filter(({ image: own }) => own === undefined)
      .map(({ reference, digest }) => ({ uri: reference, digest })),
  );
}
