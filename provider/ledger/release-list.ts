import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { digestOf } from "../../lib/oci/digest";
import { defined } from "../../lib/objects/defined";
import { releaseListBundleName, releaseListName } from "../../lib/release/layout";
import {
  parseReleaseList,
  releaseListBytes,
  withOthers,
  type ListedVersion,
} from "../../lib/release/release-list";
import { encodeBundle, parseBundle, VerificationError, type SignatureVerifier } from "../../lib/sigstore";
import type { ResourceContext } from "../run/context";
import { openSigner } from "../trust/signers";
import { declaredSigner, recordedSigner } from "../trust/trust";
import { gone, sayUnobserved, type Drift } from "./drift";
import type { Entries, Inputs, Outputs } from "./entries";
import { listFileNames, listPlaces, notTold, type ListFile, type ListPlace } from "./list-places";
import { listedVersions } from "../../lib/release/listed-versions";

type PublishedList = NonNullable<Outputs["list"]>;

/** A list that is published, in its one form, and signed by who is trusted where anybody signs. */
interface PresentList {
  readonly bytes: Buffer;
  readonly versions: readonly ListedVersion[];
  /** The bundle as a text. */
  readonly bundle?: string;
}

/**
 * Looks at the lists that were published: those are as they were that have the digests of then.
 * Another stack may have added versions of its own.
 *
 * @param before what is known to differ, which stays where a place cannot be asked
 */
export async function observeLists(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  list: Outputs["list"],
  before: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  if (list === undefined) return [];
  const drifts = listPlaces(context, inputs, entries).map(async (place) => {
    try {
      return await observePlace(context, inputs, entries, list, place);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      sayUnobserved(context, place.name, error);
      return foundIn(place, list, before);
    }
  });
  return (await Promise.all(drifts)).flat();
}

/** What the last observation found to differ. */
export function foundListDrifts(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  list: Outputs["list"],
  found: Readonly<Record<string, string>>,
): Drift[] {
  if (list === undefined) return [];
  return listPlaces(context, inputs, entries).flatMap((place) => foundIn(place, list, found));
}

function foundIn(place: ListPlace, list: PublishedList, found: Readonly<Record<string, string>>): Drift[] {
  return listFileNames.flatMap((name) => {
    const known = found[referenceOf(place, name)];
    return known === undefined ? [] : listDrift(place, name, known, wantedOf(list, name) ?? gone);
  });
}

async function observePlace(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  list: PublishedList,
  place: ListPlace,
): Promise<Drift[]> {
  const drifts: Drift[] = [];
  for (const name of listFileNames) {
    const wanted = wantedOf(list, name);
    const found = wanted === undefined ? notTold : await place.digestOf(name);
    if (found !== notTold && wanted !== undefined)
      drifts.push(...listDrift(place, name, found ?? gone, wanted));
  }
  if (drifts.length === 0) return [];
  const verifiers = inputs.signer ? [await recordedSigner(context, list.publicKey, inputs.signer)] : [];
  const present = await presentList(place, verifiers);
  const whole = present && releaseListBytes(withOthers(listedVersions(entries.versions), present.versions));
  return whole?.equals(present?.bytes ?? Buffer.alloc(0)) ? [] : drifts;
}

function wantedOf({ digest, bundle }: PublishedList, name: string): string | undefined {
  if (name === releaseListName) return digest;
  return bundle === undefined ? undefined : digestOf(bundle);
}

function listDrift(place: ListPlace, name: string, found: string, wanted: string): Drift[] {
  const reference = referenceOf(place, name);
  return found === wanted ? [] : [{ reference, found, wanted, version: "" }];
}

function referenceOf(place: ListPlace, name: string): string {
  return `${place.name}/${name}`;
}

/**
 * The lists where this distribution releases.
 *
 * @param before what this stack has published; without it a file of that name may be anybody's
 * @throws Error for a file of that name which is no list: it is not written over
 */
export async function presentLists(
  context: ResourceContext,
  desired: Inputs,
  entries: Entries,
  before: Outputs["list"],
): Promise<PresentList[]> {
  const places = listPlaces(context, desired, entries);
  const verifiers = await trustedSigners(context, desired, before);
  const found: PresentList[] = [];
  for (const place of places) {
    const bytes = before === undefined ? await place.read(releaseListName) : undefined;
    if (bytes && !parseReleaseList(bytes)) {
      throw new Error(
        `${referenceOf(place, releaseListName)} is there, and is not a list of releases as Slipway writes it. It is left ` +
          "as it is. Move it away, or release to another place",
      );
    }
    const present = await presentList(place, verifiers);
    if (present) found.push(present);
  }
  return found;
}

/** Who is trusted to have signed a list: the declared signer, and the one of before, whose key was exchanged. */
async function trustedSigners(
  context: ResourceContext,
  { signer }: Inputs,
  before: Outputs["list"],
): Promise<SignatureVerifier[]> {
  if (signer === undefined) return [];
  const declared = await declaredSigner(context, signer);
  const recorded = before?.publicKey;
  if (recorded === undefined || recorded === declared.publicKey) return [declared];
  return [declared, await recordedSigner(context, recorded, signer)];
}

/** The list of a place; undefined where there is none that holds. @param verifiers none where nobody signs */
async function presentList(
  place: ListPlace,
  verifiers: readonly SignatureVerifier[],
): Promise<PresentList | undefined> {
  const bytes = await place.read(releaseListName);
  const versions = bytes && parseReleaseList(bytes);
  if (!versions || !releaseListBytes(versions).equals(bytes)) return undefined;
  if (verifiers.length === 0) return { bytes, versions };
  const bundle = (await place.read(releaseListBundleName))?.toString("utf8");
  if (bundle === undefined) return undefined;
  const isSigned = await withFolder(async (folder) => {
    const { file } = await written(folder, releaseListName, bytes);
    for (const verifier of verifiers) if (await holds(verifier, bundle, file)) return true;
    return false;
  });
  return isSigned ? { bytes, versions, bundle } : undefined;
}

/**
 * Publishes the list of what was noted, after all of that: it is signed where its content is new,
 * and placed where it is not as it should be.
 */
export async function publishList(
  context: ResourceContext,
  desired: Inputs,
  entries: Entries,
  present: readonly PresentList[],
  before: Outputs["list"],
): Promise<Outputs["list"]> {
  const places = listPlaces(context, desired, entries);
  // A branch releases nothing: what was published stays as it is.
  if (places.length === 0) return before;
  const versions = present.reduce<readonly ListedVersion[]>(
    (all, one) => withOthers(all, one.versions),
    listedVersions(entries.versions),
  );
  const bytes = releaseListBytes(versions);
  return withFolder(async (folder) => {
    const content = await written(folder, releaseListName, bytes);
    const signed = await signature(context, desired, content, present, before);
    const bundle = signed && Buffer.from(signed.bundle, "utf8");
    const files = bundle ? [content, await written(folder, releaseListBundleName, bundle)] : [content];
    const withdrawn: Record<string, string> = {};
    if (before?.bundle !== undefined && !bundle) withdrawn[releaseListBundleName] = digestOf(before.bundle);
    for (const place of places) await place.place(files, withdrawn);
    return defined({ digest: content.digest, bundle: signed?.bundle, publicKey: signed?.publicKey });
  });
}

/** The signature of a list: that of the state, one that is published, or a new one, in this order. */
async function signature(
  context: ResourceContext,
  { signer: declaration }: Inputs,
  { digest, file }: ListFile,
  present: readonly PresentList[],
  before: Outputs["list"],
): Promise<{ bundle: string; publicKey: string | undefined } | undefined> {
  if (declaration === undefined) return undefined;
  const verifier = await declaredSigner(context, declaration);
  const { publicKey } = verifier;
  const recorded = before?.digest === digest ? [before.bundle] : [];
  const published = present.filter(({ bytes }) => digestOf(bytes) === digest).map(({ bundle }) => bundle);
  for (const bundle of [...recorded, ...published]) {
    if (bundle !== undefined && (await holds(verifier, bundle, file))) return { bundle, publicKey };
  }
  const signer = await openSigner(context, declaration);
  const made = await signer.signFile(file);
  await verifier.verifyFile(made, file);
  return { bundle: encodeBundle(made).toString("utf8"), publicKey };
}

/** Works with a folder of its own: verifiers, signers and uploads read files. */
async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-list-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function written(folder: string, name: string, bytes: Buffer): Promise<ListFile> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return { name, digest: digestOf(bytes), file };
}

async function holds(verifier: SignatureVerifier, bundle: string, file: string): Promise<boolean> {
  try {
    await verifier.verifyFile(parseBundle(Buffer.from(bundle, "utf8")), file);
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}
