import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseAddress } from "../../lib/oci/address";
import { shortDigest } from "../../lib/oci/digest";
import { CredentialsError, RegistryError } from "../../lib/oci/errors";
import {
  compareTarget,
  GraphError,
  mirror,
  MirrorError,
  type MirrorFinding,
  type MirrorProgress,
  type MirrorReport,
  type MirrorSummary,
  readGraph,
} from "../../lib/oci/mirror";
import { parsePlatform } from "../../lib/oci/platform";
import type { Repository } from "../../lib/oci/repository";
import { mirrorDefinition } from "../../resources/definitions/mirror";
import { AliasHolders } from "../tags/alias-holder";
import { SkippedVersionError, SkippedVersions } from "../tags/skipped-versions";
import { putBack, tagDrift } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { entryPath } from "../base/property-path";
import { inputChanges } from "../run/replacement";
import {
  checkTagRules,
  unknownPointers,
  desiredPointers,
  fixedFirst,
  refuseMovedVersions,
  type TagList,
} from "../tags/tag-rules";
import type { Changes, InputsOf, OutputsOf, StateOf, WrittenFile } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof mirrorDefinition>;
type State = StateOf<typeof mirrorDefinition>;

/**
 * `slipway:oci:Mirror`: content first, tags last; what one target refuses does not stop the others.
 */
export const mirrorHandler = resourceHandler(mirrorDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["evidence"],
  written: layoutOf,

  refuse(_context, { tags = [] }) {
    if (!hasUnknown(tags)) checkTagRules(tags);
  },

  async compute(context, declared, oldInputs) {
    context.services.lost.isMirrored(declared.source, declared.target);
    const rootDigest = declared.platforms && (await subsetDigest(context, declared, oldInputs));
    return { rootDigest, pointers: await targetPointers(context, { ...declared, rootDigest }) };
  },

  computedLater: (_context, { platforms, tags = [] }) => ({
    rootDigest: platforms && unknown,
    pointers: unknownPointers(tags),
  }),

  diff(_context, desired, oldInputs, observed): Changes {
    const changes: Changes = inputChanges(["source", "digest", "platforms", "referrers"], desired, oldInputs);
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    const wanted: Record<string, unknown> = { ...desired.pointers };
    for (const [tag, digest] of Object.entries(wanted)) {
      const own = digest === desired.digest ? observed.rootDigest : digest;
      if (changes.digest || observed.pointers[tag] !== own) {
        changes[entryPath("pointers", tag)] = {
          kind: observed.pointers[tag] === undefined ? "add" : "update",
        };
      }
    }
    return changes;
  },

  id: ({ target }) => target,

  planned: (_context, desired) => plannedOutputs(desired, unknown),

  async create(context, desired) {
    await refuseVersions(context, desired);
    if (context.preview) return plannedOutputs(desired, plannedRoot(desired));
    return bring(context, desired, undefined);
  },

  async update(context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) sayDrift(context, desired, oldInputs, observed);
    if (desired.digest !== observed.digest) await refuseVersions(context, desired);
    if (context.preview) return plannedOutputs(desired, plannedRoot(desired));
    return bring(context, desired, observed);
  },

  async observe(context, inputs, state) {
    context.services.preflight.observes(inputs.target);
    context.services.lost.isMirrored(inputs.source, inputs.target);
    return { state: await observe(context, inputs, state) };
  },

  delete(context, _id, inputs) {
    context.say(
      "info",
      `${inputs.target} keeps what it has: the mirror left the program, and only a declared ` +
        "retention deletes",
    );
  },
});

/** Warns of what somebody changed or deleted in the target since it was mirrored. */
function sayDrift(context: ResourceContext, desired: Inputs, oldInputs: Inputs, observed: State): void {
  const { target, tags = [], pointers = {} } = desired;
  const say = (drift: string) => context.say("warning", putBack(drift, !context.preview));
  for (const { tag, moves } of tags) {
    const given = pointers[tag];
    if (given === undefined || oldInputs.pointers?.[tag] !== given) continue;
    const own = given === desired.digest ? observed.rootDigest : given;
    const found = observed.pointers[tag];
    if (found !== own) say(tagDrift(`${target}:${tag}`, moves, found, own));
  }
  const lost = observed.missing.filter((text) => lostContent.test(text));
  for (const text of lost.slice(0, toldLosses)) say(`${target}: ${text}`);
  if (lost.length > toldLosses) say(`${target}: ${lost.length - toldLosses} more of its contents are gone`);
}

/** Contents that are told one by one, where much is gone. */
const toldLosses = 5;

/** Of what a mirror lacks, what was there once; see `findingText`. */
const lostContent = /^(manifest|referrer|blob) sha256:.* (is gone|is not listed|bytes)$/;

/** The layout or archive that is the target, by a file of it. */
function layoutOf({ target }: Inputs): WrittenFile[] {
  if (hasUnknown(target)) return [];
  const address = parseAddress(target);
  if (address.kind === "registry") return [];
  const file = address.kind === "archive" ? address.path : path.join(address.path, "oci-layout");
  return [{ property: "target", path: file }];
}

function plannedOutputs({ pointers = {} }: Inputs, rootDigest: string): OutputsOf<typeof mirrorDefinition> {
  // What was mirrored before is a summary of the past.
  return { pointers, rootDigest, missing: [], summary: undefined };
}

/**
 * The digest that the mirror's own tags point to: the declared one, or that of the index of some
 * platforms.
 */
function rootOf({ rootDigest, digest }: Inputs): string {
  return rootDigest ?? digest;
}

/** The same at preview, where it is not known before the source has the index. */
function plannedRoot(inputs: Inputs): string {
  return inputs.platforms && inputs.rootDigest === undefined ? unknown : rootOf(inputs);
}

/**
 * Digest of the index that some platforms make, before it is published: what has to be proven is
 * what tags point to. It is computed once for a digest and its platforms. Undefined while the
 * source does not have the content.
 */
async function subsetDigest(
  context: ResourceContext,
  { digest, platforms = [], source }: Inputs,
  old: Inputs | undefined,
): Promise<string | undefined> {
  if (old?.digest === digest && isDeepStrictEqual(old.platforms, platforms) && old.rootDigest !== undefined)
    return old.rootDigest;
  try {
    const repository = await context.services.open(source);
    const { rootDigest } = await context.services.silent.ask(repository, () =>
      readGraph([repository], digest, {
        platforms: platforms.map(parsePlatform),
        referrers: "none",
        signal: context.signal,
      }),
    );
    return rootDigest;
  } catch (error) {
    if (!isTargetFailure(error) && !(error instanceof GraphError)) throw error;
    return undefined;
  }
}

/** Returns whether an error is not the program's fault: the other side is down, or refuses. */
function isTargetFailure(error: unknown): error is Error {
  return error instanceof RegistryError || error instanceof CredentialsError || error instanceof MirrorError;
}

/** The digest that each tag has to have. */
async function targetPointers(context: ResourceContext, inputs: Inputs): Promise<Record<string, string>> {
  let holders: AliasHolders | undefined;
  const { pointers } = await desiredPointers(listOf(inputs), async (own, alias) => {
    try {
      const target = await context.services.open(inputs.target);
      const known = (holders ??= new AliasHolders(target));
      return await context.services.silent.askMirror(target, () => known.above(own, alias));
    } catch (error) {
      // A target that does not answer has its say when it is observed and brought up to date.
      if (!isTargetFailure(error)) throw error;
      return undefined;
    }
  });
  return pointers;
}

/** Version tags that the target has under another digest stop the run before anything moves. */
async function refuseVersions(context: ResourceContext, desired: Inputs): Promise<void> {
  const existing = new Map<string, string>();
  for (const { tag } of (desired.tags ?? []).filter(({ moves }) => moves === "never")) {
    const target = await context.services.open(desired.target);
    const found = await context.services.silent
      .askMirror(target, () => target.headManifest(tag))
      .catch((error: unknown) => {
        if (!isTargetFailure(error)) throw error;
        return undefined;
      });
    if (found) existing.set(tag, found.digest);
  }
  refuseMovedVersions(listOf(desired), (tag) => existing.get(tag), "mirrors");
}

function listOf(inputs: Inputs): TagList {
  return { place: inputs.target, digest: rootOf(inputs), tags: inputs.tags ?? [] };
}

/** Brings content and tags. A target that refuses leaves a state that says what is missing. */
async function bring(context: ResourceContext, desired: Inputs, observed: State | undefined): Promise<State> {
  const { services } = context;
  const target = await services.open(desired.target);
  const source = await services.open(desired.source);
  const alternatives = await Promise.all(
    (desired.alternatives ?? []).filter((one) => one !== desired.target).map((one) => services.open(one)),
  );
  const answering = alternatives.filter((one) => !services.silent.reason(one));
  const unasked = alternatives.filter((one) => services.silent.reason(one)).map(({ name }) => name);
  try {
    await services.silent.reach(target);
    const report = await mirror({
      sources: [source, ...answering],
      target,
      digest: desired.digest,
      platforms: desired.platforms?.map(parsePlatform),
      referrers: desired.referrers ?? "all",
      run: services.mirrors,
      onProgress: progressLines((line) => context.status(line)),
      signal: context.signal,
    });
    const { pointers, missing } = await setTags(target, desired, report);
    await target.seal?.();
    const gone = goneReferrers(report, observed);
    if (gone.size > 0) {
      const names = [...gone].map(shortDigest).join(", ");
      context.say(
        "warning",
        `${source.name} lists what refers to the image and is gone, ${names}: it is left out of ${desired.target}`,
      );
    }
    return finished(
      context,
      desired,
      report.rootDigest,
      pointers,
      [...warnings(report, source.name, unasked, observed, gone), ...missing],
      report.summary,
    );
  } catch (error) {
    if (!isTargetFailure(error)) throw error;
    const summary = error instanceof MirrorError ? error.report?.summary : undefined;
    const root = error instanceof MirrorError ? error.report?.rootDigest : undefined;
    const before = observed?.pointers ?? {};
    return finished(context, desired, root ?? desired.digest, before, [error.message], summary);
  }
}

function finished(
  context: ResourceContext,
  desired: Inputs,
  rootDigest: string,
  pointers: Record<string, string>,
  missing: string[],
  summary: MirrorSummary | undefined,
): State {
  for (const text of missing) {
    context.say(
      "warning",
      `${desired.target} is not complete: ${text}\nThe next update continues from here.`,
    );
  }
  return { ...desired, rootDigest, pointers, missing, summary };
}

/**
 * Referrers that are listed, in no source, and were not in the target before: registries list for
 * hours what was deleted.
 */
function goneReferrers(report: MirrorReport, observed: State | undefined): ReadonlySet<string> {
  const before = observed?.summary as MirrorSummary | undefined;
  const mirrored = new Set(before?.manifests.map(({ digest }) => digest));
  const dangling = new Set(report.summary.dangling);
  const absent = report.missing.filter(({ what, source }) => what === "manifest" && source === undefined);
  const digests = absent.map(({ digest }) => digest);
  return new Set(digests.filter((digest) => dangling.has(digest) && !mirrored.has(digest)));
}

/**
 * Referrers that the source lists and cannot give; the mirror itself is whole. The other mirrors
 * are a help: one that does not answer counts only where content that was here before is in no
 * place that does.
 */
function warnings(
  report: MirrorReport,
  source: string,
  unasked: readonly string[],
  observed: State | undefined,
  gone: ReadonlySet<string>,
): string[] {
  const before = observed?.summary as MirrorSummary | undefined;
  const found = new Set(report.summary.manifests.map(({ digest }) => digest));
  const lost =
    before?.sourceDigest === report.sourceDigest && before.rootDigest === report.rootDigest
      ? before.manifests.filter(({ digest }) => !found.has(digest))
      : [];
  const silent = [...new Set([...unasked, ...report.missing.flatMap((content) => content.source ?? [])])];
  const others = silent.filter((name) => name !== source);
  return [
    ...report.missing
      .filter((content) => content.source === undefined || content.source === source)
      .filter(({ digest }) => !gone.has(digest))
      .map(({ what, digest, reason }) => `${what} ${shortDigest(digest)}: ${reason}`),
    ...(others.length > 0 ? lost : []).map(
      ({ digest }) =>
        `manifest ${digest} is in no place that answers; ${others.join(", ")} could not be asked`,
    ),
  ];
}

/** Sets the tags, those that never move first. */
async function setTags(
  target: Repository,
  desired: Inputs,
  report: MirrorReport,
): Promise<{ pointers: Record<string, string>; missing: string[] }> {
  const pointers: Record<string, string> = {};
  const missing: string[] = [];
  if (desired.platforms && report.rootDigest !== desired.rootDigest) {
    return { pointers, missing: (desired.tags ?? []).map(({ tag }) => unplanned(desired, tag, report)) };
  }
  const skipped = new SkippedVersions(target, desired.target);
  for (const declared of fixedFirst(desired.tags ?? [])) {
    const { tag, moves } = declared;
    const wanted = desired.pointers?.[tag] ?? desired.digest;
    const digest = wanted === desired.digest ? report.rootDigest : wanted;
    try {
      const existing = await target.headManifest(tag);
      if (existing && existing.digest !== digest && moves === "never" && desired.platforms) {
        throw new RegistryError({
          operation:
            `tag ${tag} of ${desired.target} is ${existing.digest}, not ${digest}, and a version ` +
            "tag never moves",
          host: target.registry ?? target.name,
          method: "HEAD",
          path: tag,
          status: 409,
        });
      }
      if (existing && existing.digest !== digest && moves === "highest" && wanted === desired.digest) {
        await skipped.refuse(declared, existing.digest);
      }
      if (existing?.digest !== digest) {
        const { bytes, descriptor } = await target.getManifest(digest);
        await target.putManifest(bytes, descriptor.mediaType, { tag });
      }
      pointers[tag] = digest;
    } catch (error) {
      if (!isTargetFailure(error) && !(error instanceof SkippedVersionError)) throw error;
      missing.push(error.message);
    }
  }
  return { pointers, missing };
}

/**
 * A tag points to what was planned, which is what policies have looked at, or it stays as it is.
 */
function unplanned({ target, rootDigest }: Inputs, tag: string, report: MirrorReport): string {
  const planned =
    rootDigest === undefined
      ? "nothing was planned, because the source did not answer"
      : `${rootDigest} was planned`;
  return `tag ${tag} of ${target} is not set: its platforms make ${report.rootDigest}, and ${planned}`;
}

/**
 * Compares the target with what was mirrored. A target that cannot be asked keeps its state, marked
 * as missing.
 */
async function observe(context: ResourceContext, inputs: Inputs, state: State): Promise<State> {
  const summary = state.summary as MirrorSummary | undefined;
  if (!summary) return state;
  let target: Repository | undefined;
  try {
    target = await context.services.open(inputs.target);
    const { silent } = context.services;
    const source = await context.services.open(inputs.source);
    const opened = target;
    const findings = await silent.askMirror(opened, () =>
      compareTarget({
        target: opened,
        summary,
        verify: inputs.verify ?? "blobs",
        sources: [source],
        referrers: inputs.platforms ? "none" : (inputs.referrers ?? "all"),
        signal: context.signal,
      }),
    );
    const tags = Object.keys(state.pointers).concat((inputs.tags ?? []).map(({ tag }) => tag));
    const heads = await Promise.all(
      [...new Set(tags)].map(async (tag) => [tag, (await opened.headManifest(tag))?.digest] as const),
    );
    const pointers = Object.fromEntries(
      heads.filter((head): head is [string, string] => head[1] !== undefined),
    );
    const missing = findings.map(findingText);
    const same = isDeepStrictEqual(pointers, state.pointers) && isDeepStrictEqual(missing, state.missing);
    return same ? state : { ...state, pointers, missing };
  } catch (error) {
    if (!isTargetFailure(error)) throw error;
    const text = `${inputs.target} cannot be observed: ${error.message}`;
    if (!target || !context.services.silent.isTold(target, error)) {
      context.say("warning", text.replaceAll("\n", ". "));
    }
    return { ...state, missing: [text] };
  }
}

/** Short enough for the engine's display, which cuts texts off after 150 characters. */
function findingText(finding: MirrorFinding): string {
  switch (finding.kind) {
    case "tag-moved":
      return `tag ${finding.tag} points to ${shortDigest(finding.to)}, not to ${shortDigest(finding.from)}`;
    case "tag-missing":
      return `tag ${finding.tag} is gone; it pointed to ${shortDigest(finding.digest)}`;
    case "manifest-missing":
      return `manifest ${finding.digest} is gone`;
    case "referrer-missing":
      return finding.cause === "absent"
        ? `referrer ${finding.digest} of ${shortDigest(finding.subject)} is gone`
        : `referrer ${finding.digest} of ${shortDigest(finding.subject)} is not listed`;
    case "blob-missing":
      return finding.found === undefined
        ? `blob ${finding.digest} (${finding.size} bytes) is gone`
        : `blob ${finding.digest} has ${finding.found} of its ${finding.size} bytes`;
    case "referrer-new":
      return `referrer ${finding.digest} of ${shortDigest(finding.subject)} is new at the source`;
  }
}

/**
 * Lines of how far a mirror is, which never go back. What is to be sent shrinks with each blob that
 * is found in the target, so only what has been sent is told.
 */
function progressLines(show: (line: string) => void): (progress: MirrorProgress) => void {
  let bytes = 0;
  return ({ sentBytes, blobsDone, blobsTotal }) => {
    bytes = Math.max(bytes, sentBytes);
    show(`mirroring: ${blobsDone} of ${blobsTotal} blobs done, ${(bytes / 1e6).toFixed(1)} MB sent`);
  };
}
