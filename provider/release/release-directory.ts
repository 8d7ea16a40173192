import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { recordBytes, ReleaseDirectory, type ReleaseRecord } from "../../lib/release/directory";
import { versionOfTag } from "../../lib/version/version";
import { InputError } from "../../resources/definitions/input-findings";
import { releaseDirectoryDefinition } from "../../resources/definitions/release-directory";
import { fileDrift, putBack } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { inFolderTurn } from "./folder-turn";
import { declaredNotes, listedFiles } from "./release-notes";
import { inputChanges } from "../run/replacement";
import { sayPublished, versionChanges } from "./another-version";
import { changedSet, waysOut, withdrawn } from "./published-set";
import { sumsCoverage } from "./sums-coverage";
import type { Changes, DeclaredOf, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof releaseDirectoryDefinition>;
type Declared = DeclaredOf<typeof releaseDirectoryDefinition>;
type State = StateOf<typeof releaseDirectoryDefinition>;

/** `slipway:release:Directory`: the release of the embedded default, and for any static host. */
export const releaseDirectoryHandler = resourceHandler(releaseDirectoryDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["evidence"],

  async compute(context, rest, oldInputs) {
    const declared = await withNotes(context, rest);
    refuseChanged(declared, oldInputs);
    refuseRepeatedNames(declared);
    const directory = releases(context, declared);
    return {
      notes: declared.notes,
      summed: await sumsCoverage(context, declared.assets),
      record: digestOf(
        recordBytes(await directory.withPublished(recordOf(declared), withdrawnOf(declared, oldInputs))),
      ),
      newest: await directory.newest(recordOf(declared)),
    };
  },

  async computedLater(context, rest, oldInputs) {
    const { notes } = await withNotes(context, rest);
    // A signature that is still to be made does not hide that what it signs may not change.
    refuseChanged(rest, oldInputs);
    return { notes, record: unknown, summed: undefined, newest: undefined };
  },

  diff(_context, desired, oldInputs, observed) {
    if (isOtherVersion(desired, oldInputs)) return versionChanges(desired, oldInputs);
    const changes: Changes = {};
    for (const { name, digest } of desired.assets) {
      const found = observed.published?.[name];
      if (found !== digest) {
        changes[`published["${name}"]`] = { kind: found === undefined ? "add" : "update" };
      }
    }
    for (const { name } of withdrawnOf(desired, oldInputs)) {
      if (observed.published?.[name] !== undefined) changes[`published["${name}"]`] = { kind: "delete" };
    }
    if (desired.record !== observed.record) {
      Object.assign(changes, inputChanges(["title", "notes", "latest"], desired, oldInputs));
      changes.record = { kind: "update" };
    }
    if (desired.newest !== undefined && desired.newest !== observed.newest)
      changes.newest = { kind: "update" };
    return changes;
  },

  id: baseOfId,

  async planned(context, desired, observed) {
    const { directory, name, tag } = desired;
    if (observed?.tag === tag || hasUnknown([directory, name, tag])) return {};
    if (!(await releases(context, desired).files(tag)))
      sayPublished(context, baseOfId(desired), desired, observed?.tag);
    return {};
  },

  create: (context, desired) => appear(context, desired, undefined),

  async update(context, desired, oldInputs) {
    if (isOtherVersion(desired, oldInputs)) return appear(context, desired, oldInputs.tag);
    if (!context.preview) await publish(context, desired, { withdrawn: withdrawnOf(desired, oldInputs) });
    return stateOf(desired);
  },

  async observe(context, inputs, state) {
    const directory = releases(context, inputs);
    const files = await directory.files(inputs.tag);
    if (!files) return undefined;
    const published: Record<string, string> = {};
    for (const { name } of inputs.assets) {
      const digest = files[name];
      if (digest !== undefined) published[name] = digest;
    }
    const record = (await directory.recordDigest(inputs.tag)) ?? "";
    const newest = await directory.newest(recordOf(inputs));
    const pointed = newest !== undefined && (await directory.latestEquals(newest)) ? newest : "";
    await context.services.saveHashes();
    const found = { published, record, newest: pointed };
    sayDrift(context, inputs, found);
    return { id: baseOfId(inputs), state: { ...state, ...found } };
  },

  delete(context, _id, inputs) {
    context.say(
      "info",
      `${placeOf(inputs)} stays: it was removed from the program, and what is published stays`,
    );
  },
});

/** Returns what is declared, with the notes that come from elsewhere. */
async function withNotes(context: ResourceContext, declared: Declared): Promise<Declared> {
  const files = listedFiles(declared.assets, ({ digest }) => digest).map((file) => ({
    ...file,
    replaceable: file.replaceable ?? declared.replaceable,
  }));
  return { ...declared, notes: await declaredNotes(context, declared, files) };
}

/**
 * Makes a version appear that this resource has not published yet: a new one, or one that is there
 * as it would be made. Of a former one that it has published, nothing is touched.
 *
 * @param former its tag
 */
async function appear(context: ResourceContext, desired: Inputs, former: string | undefined): Promise<State> {
  const present = await releases(context, desired).files(desired.tag);
  refusePublished(desired, present);
  // Again, under the lock: another run may have published the same version meanwhile.
  if (!context.preview)
    await publish(context, desired, { refuse: (found) => refusePublished(desired, found) });
  if (!present) sayPublished(context, baseOfId(desired), desired, former);
  return stateOf(desired);
}

/** Warns of what somebody changed or deleted since it was published. */
function sayDrift(
  context: ResourceContext,
  inputs: Inputs,
  { published, record, newest }: Pick<State, "published" | "record" | "newest">,
): void {
  const place = placeOf(inputs);
  const drifts = inputs.assets.flatMap(({ name, digest }) => {
    const found = published[name];
    if (found === digest) return [];
    return [fileDrift(name, place, found, digest)];
  });
  if (drifts.length === 0 && inputs.record !== undefined && record !== inputs.record)
    drifts.push(`somebody changed title, notes or list of files of ${place}`);
  // Another version that is the newest by now is no drift.
  else if (drifts.length === 0 && newest === "" && (inputs.newest ?? "") !== "")
    drifts.push(`somebody changed what is served under latest beside ${place}, which is ${inputs.newest}`);
  for (const drift of drifts) context.say("warning", putBack(drift));
}

/** The id has no tag: the resource goes from one version to the next. */
function baseOfId({ directory, name }: Pick<Inputs, "directory" | "name">): string {
  return path.posix.join(...[directory, name ?? ""].map(String));
}

/** Where a release is, for messages. */
function placeOf(inputs: Pick<Inputs, "directory" | "name" | "tag">): string {
  return path.posix.join(baseOfId(inputs), "releases/tag", String(inputs.tag));
}

function baseOf(context: ResourceContext, { directory, name }: Inputs): string {
  return path.resolve(context.services.project, directory, name ?? "");
}

function releases(context: ResourceContext, inputs: Inputs): ReleaseDirectory {
  return new ReleaseDirectory(baseOf(context, inputs), (file) => context.services.fileDigest(file));
}

function recordOf({ tag, title, notes, latest, assets }: Inputs): ReleaseRecord {
  const prerelease = !versionOfTag(tag)?.stable;
  return { tag, title: title ?? tag, notes: notes ?? "", prerelease, latest: latest ?? true, assets };
}

async function publish(
  context: ResourceContext,
  desired: Inputs,
  options: Parameters<ReleaseDirectory["publish"]>[2],
): Promise<void> {
  const { services } = context;
  const base = baseOf(context, desired);
  // What is published already is needed from nowhere.
  const present = await releases(context, desired).files(desired.tag);
  for (const { name, path: file, digest } of desired.assets) {
    if (present?.[name] !== digest) await services.ensureFile(file, context.observer);
  }
  const files = desired.assets.map(({ name, path: file, digest }) => ({
    name,
    path: path.resolve(services.project, file),
    digest,
  }));
  await inFolderTurn(context, base, async () => {
    const directory = releases(context, desired);
    sayForeign(context, desired, await directory.publish(files, recordOf(desired), options));
    // Again, under the lock: another run may have published a higher version meanwhile.
    const newest = await directory.newest(recordOf(desired));
    if (newest !== undefined && !(await directory.latestEquals(newest))) {
      await directory.pointLatest(newest);
      context.say("info", `${path.posix.join(desired.directory, desired.name ?? "")}: latest is ${newest}`);
    }
  });
  await services.saveHashes();
}

/** Foreign files in the folder of a release are left alone, and named. */
function sayForeign(context: ResourceContext, desired: Inputs, names: readonly string[]): void {
  if (names.length === 0) return;
  context.say(
    "warning",
    `${placeOf(desired)}: what is served with its files and is not of the release, nor under ` +
      `latest: ${names.join(", ")}. Move it away, or release it`,
  );
}

function refuseRepeatedNames({ assets }: Inputs): void {
  for (const [index, { name }] of assets.entries()) {
    if (assets.findIndex((other) => other.name === name) === index) continue;
    throw new InputError([
      {
        property: `assets[${index}].name`,
        reason: `${JSON.stringify(name)} is listed twice: give another name`,
      },
    ]);
  }
}

/**
 * What was published under a tag is not published again with other content (the state says what
 * was).
 */
function refuseChanged(desired: Inputs, old: Inputs | undefined): void {
  // The engine gives no inputs, or none of their fields, where the resource is new.
  const { assets } = desired;
  if (!old?.assets || !isSameRelease(desired, old) || !Array.isArray(assets)) return;
  const findings = changedSet(placeOf(old), assets, old.assets, desired.replaceable === true);
  for (const [index, asset] of assets.entries()) {
    if (hasUnknown(asset) || (asset.replaceable ?? desired.replaceable)) continue;
    const { name, digest } = asset;
    const published = old.assets.find((one) => one.name === name)?.digest;
    if (published === undefined || published === digest) continue;
    const reason = changedContent(desired, name, published, digest).message;
    findings.push({ property: `assets[${index}].digest`, reason });
  }
  if (findings.length > 0) throw new InputError(findings);
}

function isSameRelease({ directory, name, tag }: Inputs, old: Inputs): boolean {
  return (
    !hasUnknown([old.assets, directory, name, tag]) && placeOf(old) === placeOf({ directory, name, tag })
  );
}

/** Whether an update publishes another version than the state has. */
function isOtherVersion(desired: Inputs, old: Inputs): boolean {
  return desired.tag !== old.tag;
}

/** What was released under the same tag, and is not declared any more: it could not be so otherwise. */
function withdrawnOf(desired: Inputs, old: Inputs | undefined): Inputs["assets"] {
  if (!old?.assets || hasUnknown(desired.assets) || !isSameRelease(desired, old)) return [];
  return withdrawn(desired.assets, old.assets);
}

/** A new resource never replaces what is already published, whoever published it. */
function refusePublished(desired: Inputs, present: Record<string, string> | undefined): void {
  for (const { name, digest, replaceable } of desired.assets) {
    const found = present?.[name];
    if (found !== undefined && found !== digest && !(replaceable ?? desired.replaceable)) {
      throw changedContent(desired, name, found, digest);
    }
  }
}

function changedContent(inputs: Inputs, name: string, published: string, digest: string): Error {
  return new Error(
    `${placeOf(inputs)}: ${name} is published as ${published}, and this program makes ${digest}. ` +
      `A published version does not change. ${waysOut}.`,
  );
}

function stateOf(inputs: Inputs): State {
  const { name = "", tag, assets } = inputs;
  return {
    ...inputs,
    published: Object.fromEntries(assets.map(({ name, digest }) => [name, digest])),
    downloads: Object.fromEntries(
      assets.map((asset) => [asset.name, path.posix.join(name, "releases/download", tag, asset.name)]),
    ),
    record: inputs.record ?? "",
    newest: inputs.newest ?? "",
  };
}
