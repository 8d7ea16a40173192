import { isDeepStrictEqual } from "node:util";
import type { Repository } from "../../lib/oci/repository";
import { findSyft, sbomFileName, sbomFormats, type SbomFormat } from "../../lib/sbom";
import type { Evidence, Subject } from "../../resources/definitions/evidence";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import { sbomDefinition } from "../../resources/definitions/sbom";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import {
  attach,
  documentFile,
  SbomObservation,
  writeDocumentFile,
  type AttachedDocument,
} from "./sbom-attachment";
import { externalImagesOf, imageName, make, subjectManifest } from "./sbom-making";
import { removePlaced } from "../run/placed-files";
import { pathsAt } from "../run/written-files";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof sbomDefinition>;
type State = StateOf<typeof sbomDefinition>;

const formatNames: Readonly<Record<SbomFormat, string>> = { spdx: "SPDX 2.3", cyclonedx: "CycloneDX 1.6" };

/**
 * `slipway:trust:Sbom`: what is in an image, written down beside it before anybody can find the
 * image by a tag.
 */
export const sbomHandler = resourceHandler(sbomDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) =>
    pathsAt(inputs, "directory").map(({ property, path }) => ({
      property,
      path: documentFile(path, "sbom.json"),
    })),

  compute(_context, declared, oldInputs) {
    const findings = [
      ...repeated(declared.formats ?? [], "formats"),
      ...repeatedSubjects(declared.subjects),
      ...unlistedExternalImages(declared),
    ];
    if (findings.length > 0) throw new InputError(findings);
    return isPublishedWithout(declared, oldInputs) ? { programs: undefined } : {};
  },

  diff(context, desired, oldInputs, observed) {
    const properties = [
      "subjects",
      "formats",
      "generator",
      "name",
      "externalImages",
      "programs",
      "directory",
    ];
    const changes: Changes = inputChanges(properties, desired, oldInputs);
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    registerFiles(context, desired, observed.documents);
    return changes;
  },

  id: ({ repository }) => `${repository}?sbom`,

  planned: () => ({ missing: [] }),

  create: (context, desired) => bring(context, desired, () => undefined),

  async update(context, desired, oldInputs, observed) {
    const known = (subject: Subject, format: SbomFormat) =>
      reusable(desired, oldInputs, observed, subject, format);
    const state = await bring(context, desired, known);
    const { directory } = oldInputs;
    if (!context.preview && directory !== undefined) {
      await removePlaced(
        context.services,
        observed.documents.map(({ fileName, digest }) => ({
          path: documentFile(directory, fileName),
          digest,
        })),
      );
    }
    return state;
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    const observation = new SbomObservation(repository);
    const missing: string[] = [];
    const whole: AttachedDocument[] = [];
    for (const document of state.documents) {
      const lacks = await observation.lacks(document);
      missing.push(...lacks.map(({ text }) => text));
      if (lacks.length === 0) whole.push(document);
    }
    return { state: { ...state, missing, evidence: whole.map(evidenceOf) } };
  },

  delete(context, _id, inputs) {
    context.sayRetained(`what describes the images of ${inputs.repository}`);
  },
});

function repeated(values: readonly string[], field: string): Finding[] {
  return values.flatMap((value, position) =>
    values.indexOf(value) === position
      ? []
      : [{ property: `${field}[${position}]`, reason: `"${value}" is listed twice` }],
  );
}

/** Syft says nothing about what is not in the image. */
function unlistedExternalImages(inputs: Inputs): Finding[] {
  const { generator, externalImages = [], subjects } = inputs;
  const hasIndex = subjects.some(({ platform }) => platform === undefined);
  if (generator !== "syft" || externalImages.length === 0 || hasIndex) return [];
  const reason =
    `["${externalImages[0]}"] belongs in the document of an index, and syft writes only those of images: ` +
    'add the index to subjects, or use the generator "builtin"';
  return [{ property: "externalImages", reason }];
}

/** Two subjects of one platform would have one file name. */
function repeatedSubjects(subjects: readonly Subject[]): Finding[] {
  return subjects.flatMap(({ digest, platform }, position): Finding[] => {
    const earlier = subjects.slice(0, position);
    const sameDigest = earlier.findIndex((other) => other.digest === digest);
    if (sameDigest >= 0) {
      return [
        { property: `subjects[${position}].digest`, reason: `is also that of subjects[${sameDigest}]` },
      ];
    }
    const same = earlier.findIndex((other) => other.platform === platform);
    if (same < 0) return [];
    const reason = platform
      ? `"${platform}" is also the platform of subjects[${same}]`
      : `is missing, as in subjects[${same}]: one subject can be without a platform, the index ` +
        `(a valid example: "linux/amd64")`;
    return [{ property: `subjects[${position}].platform`, reason }];
  });
}

/**
 * Returns whether the subjects are those of a state of before programs were described: a published
 * version would get other documents else, though nobody changed its declaration.
 */
function isPublishedWithout(declared: Inputs, oldInputs: Inputs | undefined): boolean {
  return (
    oldInputs !== undefined &&
    oldInputs.programs === undefined &&
    isDeepStrictEqual(declared.subjects, oldInputs.subjects)
  );
}

/** The document of an earlier run, where it would be the same now. */
function reusable(
  desired: Inputs,
  before: Inputs,
  observed: State,
  subject: Subject,
  format: SbomFormat,
): AttachedDocument | undefined {
  const old = before.subjects.find(({ digest }) => digest === subject.digest);
  const same =
    old?.platform === subject.platform &&
    (desired.generator ?? "builtin") === (before.generator ?? "builtin") &&
    imageName(desired) === imageName(before) &&
    old !== undefined &&
    (before.programs === undefined || isDeepStrictEqual(desired.programs, before.programs)) &&
    isDeepStrictEqual(externalImagesOf(desired, subject), externalImagesOf(before, old));
  if (!same) return undefined;
  return observed.documents.find((one) => one.subject === subject.digest && one.format === format);
}

/**
 * Attaches what is missing. Of a subject whose documents are there nothing is read; a preview reads
 * no layer, and so does not know a document that is still to be made.
 */
async function bring(
  context: ResourceContext,
  desired: Inputs,
  earlier: (subject: Subject, format: SbomFormat) => AttachedDocument | undefined,
): Promise<State> {
  const repository = await context.services.repository(desired.repository);
  const observation = new SbomObservation(repository);
  const documents: AttachedDocument[] = [];
  for (const subject of desired.subjects) {
    const kept: AttachedDocument[] = [];
    const wanted: SbomFormat[] = [];
    for (const format of desired.formats ?? sbomFormats) {
      const known = earlier(subject, format);
      const lacks = known ? await observation.lacks(known) : [];
      if (known && lacks.every(({ kind }) => kind !== "document")) {
        if (lacks.length > 0 && !context.preview) await restore(context, repository, known);
        kept.push(known);
      } else wanted.push(format);
    }
    if (wanted.length > 0 && context.preview) {
      if (desired.generator === "syft" && subject.platform !== undefined) await findSyft();
      return { ...desired, documents: unknown, files: filesOf(desired), missing: [], evidence: unknown };
    }
    const made = wanted.length > 0 ? await make(context, repository, desired, subject, wanted) : [];
    const order = desired.formats ?? sbomFormats;
    documents.push(...[...kept, ...made].sort((a, b) => order.indexOf(a.format) - order.indexOf(b.format)));
  }
  registerFiles(context, desired, documents);
  if (!context.preview) for (const file of filesOf(desired)) await context.services.made.ensure(file);
  return { ...desired, documents, files: filesOf(desired), missing: [], evidence: documents.map(evidenceOf) };
}

/** Makes known how the files of documents are made, for whoever needs them. */
function registerFiles(
  { services, urn }: ResourceContext,
  { repository, directory }: Inputs,
  documents: readonly AttachedDocument[],
): void {
  if (directory === undefined || hasUnknown([repository, directory])) return;
  services.made.declare(
    urn,
    documents.map((document) => ({
      path: documentFile(directory, document.fileName),
      digest: document.digest,
      place: async () =>
        writeDocumentFile(services, await services.repository(repository), directory, document),
    })),
  );
}

/** Puts back what shows a document that is still there. */
async function restore(
  context: ResourceContext,
  repository: Repository,
  document: AttachedDocument,
): Promise<void> {
  const { descriptor } = await subjectManifest(context, repository, document.subject);
  await attach(repository, descriptor, document, undefined);
}

function filesOf(desired: Inputs): string[] {
  const { directory } = desired;
  if (directory === undefined) return [];
  return desired.subjects.flatMap(({ platform }) =>
    (desired.formats ?? sbomFormats).map((format) =>
      documentFile(directory, sbomFileName(imageName(desired), format, platform)),
    ),
  );
}

function evidenceOf(document: AttachedDocument): Evidence {
  const unread = document.unreadLists > 0 ? `; package lists not read: ${document.unreadLists}` : "";
  return {
    kind: "sbom",
    subject: document.subject,
    result: "passed",
    by: document.generator,
    detail: `${formatNames[document.format]}; packages: ${document.packages}${unread}`,
    referrer: document.referrer,
  };
}
