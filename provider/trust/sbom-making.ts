import { version } from "../../package.json";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { isNotFound } from "../../lib/oci/errors";
import { matchesPlatform, parsePlatform } from "../../lib/oci/platform";
import { parseReference, parseRepository } from "../../lib/oci/reference";
import type { Repository } from "../../lib/oci/repository";
import type { FetchedManifest } from "../../lib/oci/types";
import {
  generateBuiltin,
  generateWithSyft,
  LayerMemory,
  readSubject,
  sbomFileName,
  sbomMediaTypes,
  SbomError,
  type LayerSource,
  type SbomFormat,
  type SbomSubject,
} from "../../lib/sbom";
import type { Subject } from "../../resources/definitions/evidence";
import type { sbomDefinition } from "../../resources/definitions/sbom";
import type { ResourceContext } from "../run/context";
import { ofRun } from "../run/run";
import type { InputsOf } from "../run/resource";
import { attach, writeDocumentFile, type AttachedDocument } from "./sbom-attachment";

type Inputs = InputsOf<typeof sbomDefinition>;

const tool = { name: "slipway", version };
const layersOf = ofRun(() => new LayerMemory());

/** Name of the image in documents and file names. */
export function imageName(inputs: Inputs): string {
  return inputs.name ?? parseRepository(inputs.repository).path.split("/").at(-1) ?? "image";
}

/** They belong to the whole; where there is no document of the index, to each image. */
export function externalImagesOf(inputs: Inputs, subject: Subject): readonly string[] {
  const hasIndex = inputs.subjects.some(({ platform }) => platform === undefined);
  return hasIndex && subject.platform !== undefined ? [] : (inputs.externalImages ?? []);
}

/** Makes documents of a subject and attaches them. */
export async function make(
  context: ResourceContext,
  repository: Repository,
  desired: Inputs,
  declared: Subject,
  formats: readonly SbomFormat[],
): Promise<AttachedDocument[]> {
  const fetched = await subjectManifest(context, repository, declared.digest);
  const subject = await readSubject(repository, fetched, (digest) => context.services.documents.take(digest));
  refuseOtherPlatform(repository, declared, subject);
  const { documents, packages, unread, generator } = await generate(
    context,
    repository,
    desired,
    declared,
    fetched,
    subject,
    formats,
  );
  const isNew = context.services.takeFirstPushed(repository, declared.digest);
  // At once, so that registries without the referrers API list them by one change.
  const attached = documents.map(async ({ format, bytes }): Promise<AttachedDocument> => {
    const fileName = sbomFileName(imageName(desired), format, declared.platform);
    const content = { digest: digestOf(bytes), size: bytes.length, format, fileName };
    const referrer = await attach(repository, fetched.descriptor, content, bytes, isNew);
    context.services.documents.keep(content.digest, bytes);
    const document: AttachedDocument = {
      subject: declared.digest,
      platform: declared.platform,
      mediaType: sbomMediaTypes[format],
      ...content,
      referrer,
      generator,
      packages,
      unreadLists: unread.length,
    };
    if (desired.directory !== undefined) {
      await writeDocumentFile(context.services, repository, desired.directory, document, bytes);
    }
    return document;
  });
  return Promise.all(attached);
}

async function generate(
  context: ResourceContext,
  repository: Repository,
  desired: Inputs,
  declared: Subject,
  fetched: FetchedManifest,
  subject: SbomSubject,
  formats: readonly SbomFormat[],
) {
  const name = imageName(desired);
  if (desired.generator === "syft" && subject.kind === "image") {
    context.status(`syft looks at ${subject.platform}`);
    const made = await generateWithSyft(repository, fetched, subject, name, formats, context.signal);
    return { ...made, unread: [], generator: `syft ${made.version}` };
  }
  const externalImages = externalImagesOf(desired, declared).map(parseReference);
  const made = await generateBuiltin(
    layersFrom(context, repository),
    { name, tool, subject, externalImages },
    formats,
    {
      onLayer: (layer, layers) =>
        context.status(
          `reading layer ${layer} of ${layers} of ${declared.platform ?? shortDigest(declared.digest)}`,
        ),
      signal: context.signal,
      own: desired.programs,
      memory: layersOf(context.run),
    },
  );
  if (made.unread.length > 0) {
    context.say(
      "warning",
      `the SBOM of ${shortDigest(declared.digest)} does not name the packages of ${made.unread.length} lists which the ` +
        `built-in generator does not read (${made.unread[0]}); the generator "syft" knows more kinds`,
    );
  }
  return { ...made, generator: `${tool.name} ${tool.version}` };
}

/** What this machine has assembled is not downloaded again. */
function layersFrom({ services }: ResourceContext, repository: Repository): LayerSource {
  return {
    name: repository.name,
    getBlob: async (layer, options) =>
      (await services.layers.open(layer)) ?? repository.getBlob(layer, options),
  };
}

/** @throws SbomError where the subject is not there */
export async function subjectManifest(
  context: ResourceContext,
  repository: Repository,
  digest: string,
): Promise<FetchedManifest> {
  try {
    return await context.services.manifest(repository, digest);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SbomError(
      `${repository.name} has no ${digest} to make an SBOM of: take the digest from the output of the resource that ` +
        `pushes it, or check the repository. ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function refuseOtherPlatform(repository: Repository, declared: Subject, subject: SbomSubject): void {
  const name = `${repository.name}@${declared.digest}`;
  if (subject.kind === "index" && declared.platform !== undefined) {
    const platforms = subject.images.flatMap(({ platform }) => platform ?? []).join(", ");
    throw new SbomError(
      `${name} is an index (${platforms}), not the image of ${declared.platform}: leave the platform out, or give the ` +
        "digest of that image",
    );
  }
  if (
    subject.kind === "image" &&
    declared.platform !== undefined &&
    !matchesPlatform(parsePlatform(declared.platform), subject.target)
  ) {
    throw new SbomError(
      `${name} is for ${subject.platform}, not for ${declared.platform}: correct the platform`,
    );
  }
}
