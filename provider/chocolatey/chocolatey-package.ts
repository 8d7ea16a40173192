import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import * as path from "node:path";
import { communityFeed, isCommunityFeed } from "../../lib/channels/chocolatey/community-rules";
import { Feed, type PackageVersion } from "../../lib/channels/chocolatey/feed";
import { FeedError } from "../../lib/channels/chocolatey/feed-error";
import type { FeedEntry } from "../../lib/channels/chocolatey/feed-entry";
import { packageFileName } from "../../lib/channels/chocolatey/package";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { chocolateyPackageDefinition } from "../../resources/definitions/chocolatey-package";
import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof chocolateyPackageDefinition>;
type Outputs = OutputsOf<typeof chocolateyPackageDefinition>;
type State = StateOf<typeof chocolateyPackageDefinition>;

/** Bytes of a package that is pushed: Chocolatey's feed takes 200 MB. */
const packageLimitBytes = 512 * 1024 * 1024;

/** `slipway:chocolatey:Package`: pushed once, and waited for while moderators have it. */
export const chocolateyPackageHandler = resourceHandler(chocolateyPackageDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated"],
  computedFrom: ["packageId", "version", "path", "digest"],

  refuse(context, { apiKey, feed }) {
    if (apiKey === undefined) return;
    refuseClear(context, { apiKey }, { apiKey: "chocolateyKey" });
    if (hasUnknown(feed)) return;
    const { push } = feed ?? communityFeed;
    if (!isInTheClear(push)) return;
    const reason = `${JSON.stringify(push)} would get the key in clear: take https`;
    throw new InputError([{ property: "feed.push", reason }]);
  },

  async compute(context, declared) {
    return { hash: hashOf(await readPackage(context, declared)) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["version"], desired, oldInputs);
    if (hasUnknown([desired.hash, desired.version])) return { ...changes, path: { kind: "update" } };
    if (observed.state === "failed") changes.state = { kind: "update" };
    if (changes.version === undefined && observed.published !== desired.hash) {
      changes.published = { kind: observed.published === undefined ? "add" : "update" };
    }
    return changes;
  },

  id: ({ packageId, feed }) => `${placeOf({ feed })}/${packageId}`,

  create: (context, desired) => bring(context, desired),

  update: (context, desired, _oldInputs, observed) => bring(context, desired, observed),

  async observe(context, inputs, state) {
    const channel = { gated: inputs.gated, channel: channelOf(inputs) };
    const look = () => withFeed(context, inputs, (feed) => seen(context, feed, inputs, state));
    return { state: await askChannel(context, channel, look, state) };
  },

  delete(context, _id, { packageId, version, feed }) {
    context.say("info", `${packageId} ${version} stays in ${placeOf({ feed })}: it left the program only`);
  },
});

function placeOf({ feed = communityFeed }: Pick<Inputs, "feed">): string {
  return new URL(feed.source).host;
}

function namedOf({ packageId, version }: Pick<Inputs, "packageId" | "version">): PackageVersion {
  return { id: packageId, version };
}

function channelOf(inputs: Inputs): string {
  return `${inputs.packageId} in ${placeOf(inputs)}`;
}

async function withFeed<T>(
  context: ResourceContext,
  { feed = communityFeed, apiKey }: Inputs,
  work: (feed: Feed) => Promise<T>,
): Promise<T> {
  const opened = new Feed({
    source: new URL(feed.source),
    push: new URL(feed.push),
    apiKey,
    onWait: context.services.onWait,
    signal: context.signal,
  });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** The package, made where another resource makes it. @throws InputError */
async function readPackage(context: ResourceContext, declared: Omit<Inputs, "hash">): Promise<Buffer> {
  const refuse = (reason: string) =>
    new InputError([{ property: "path", reason: `${JSON.stringify(declared.path)}: ${reason}` }]);
  const expected = packageFileName(namedOf(declared));
  if (path.posix.basename(declared.path) !== expected) throw refuse(`the name ${expected} is expected`);
  await context.services.ensureFile(declared.path, context.observer);
  const file = path.resolve(context.services.project, declared.path);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw refuse("there is no such file; paths are relative to the project's folder");
  if (found.size > packageLimitBytes) throw refuse(`has ${found.size} bytes, and 512 MiB are the most`);
  const digest = await context.services.fileDigest(file);
  await context.services.saveHashes();
  if (declared.digest !== undefined && digest !== declared.digest) {
    throw refuse(`has the digest ${digest}, not the declared ${declared.digest}`);
  }
  return readFile(file);
}

async function bring(context: ResourceContext, desired: Inputs, before?: State): Promise<Outputs> {
  // Moderators still have a version that this resource has given them.
  const waits = before?.awaitingSince !== undefined;
  return attempt(
    context,
    { gated: desired.gated, channel: channelOf(desired), before },
    () => withFeed(context, desired, (feed) => publish(context, feed, desired, waits)),
    () => ({ published: undefined }),
  );
}

async function publish(
  context: ResourceContext,
  feed: Feed,
  desired: Inputs,
  waits: boolean,
): Promise<Outputs> {
  const { packageId, version, hash = "" } = desired;
  const named = namedOf(desired);
  const there = await feed.find(named);
  if (there !== undefined && there.digest === hash) return { ...outcomeOf(there, feed), published: hash };
  // Until it is approved a version may change, and moderators ask for that.
  if (there?.moderation === "approved") throw new ChannelConflict(otherBytes(desired, feed, there));
  if (desired.apiKey === undefined && isModerated(desired)) {
    throw new ChannelConflict(
      `${feed.place} takes no packages without a key: give apiKey, e.g. config.requireSecret("chocolateyKey")`,
    );
  }
  if (context.preview) return { state: isModerated(desired) ? "awaiting" : "served", published: hash };
  const bytes = await readPackage(context, desired);
  if (hashOf(bytes) !== hash) throw new Error(`${desired.path} changed while it was to be pushed: run again`);
  context.status(`pushing ${packageId} ${version} to ${feed.place}`);
  const answer = await feed.push(named, bytes);
  if (answer.kind === "refused") return afterRefusal(feed, desired, answer.error, waits);
  // What moderators have first is not shown for hours: that is not waited for.
  const found = await (isModerated(desired) ? feed.find(named) : feed.findPushed(named));
  if (found !== undefined && found.digest !== hash && found.moderation === "approved") {
    throw new ChannelConflict(otherBytes(desired, feed, found));
  }
  return { ...outcomeAfterPush(desired, feed, found), published: hash };
}

/** What is to be said of a version that the feed has not taken. */
async function afterRefusal(feed: Feed, desired: Inputs, error: FeedError, waits: boolean): Promise<Outputs> {
  const { hash = "" } = desired;
  const found = await feed.find(namedOf(desired)).catch(() => undefined);
  if (found !== undefined && found.digest === hash) return { ...outcomeOf(found, feed), published: hash };
  if (found?.moderation === "approved") throw new ChannelConflict(otherBytes(desired, feed, found));
  const isModerators = isModerated(desired) || /moderat|submitted/i.test(error.message);
  if (error.status === 409 && isModerators) {
    // The feed has the version, and does not show it yet: nobody but its moderators can tell its bytes.
    const reason = `${error.message}. ${feed.place} has this version in its queue already; look there what its moderators say`;
    return { state: "awaiting", reason, published: hash };
  }
  if (error.status === 403 && (waits || /moderat|submitted|approv/i.test(error.message))) {
    const reason = `${error.message}. An earlier version is in the queue; the next update after its approval pushes this one`;
    return { state: "awaiting", reason, published: undefined };
  }
  throw new FeedError(`${error.message}${adviceFor(error.status, desired)}`, error.status);
}

function adviceFor(status: number | undefined, desired: Inputs): string {
  if (status === 401 || (status === 403 && desired.apiKey === undefined)) {
    return desired.apiKey === undefined
      ? '. It wants a key: give apiKey, e.g. config.requireSecret("chocolateyKey")'
      : ". The key is not accepted: make a new one there";
  }
  if (status === 403) {
    const queue = isModerated(desired)
      ? ", or a version of it that others have pushed waits for moderators"
      : "";
    return `. The key is not accepted, or not for ${desired.packageId}${queue}`;
  }
  return status === 409 ? ". It has the version, and does not show it: publish a new version" : "";
}

/** What the feed has of what it was given. */
async function seen(context: ResourceContext, feed: Feed, inputs: Inputs, state: State): Promise<State> {
  const { reason: _reason, published: _published, ...before } = state;
  const { hash = "" } = inputs;
  const found = await feed.find(namedOf(inputs));
  if (state.state === "failed") return state;
  if (found === undefined) {
    // It waits on, also if nobody could be asked in between.
    if (state.awaitingSince !== undefined)
      return {
        ...state,
        state: "awaiting",
        reason: state.state === "awaiting" ? state.reason : queued(feed),
      };
    if (state.published === undefined) return state;
    context.say(
      "warning",
      `${inputs.packageId} ${inputs.version} is gone from ${feed.place}; \`pulumi up\` pushes it again`,
    );
    return { ...before, state: "behind", reason: `${feed.place} has it no more` };
  }
  if (found.digest === hash) return { ...before, ...outcomeOf(found, feed), published: hash };
  if (found.moderation !== "approved")
    return { ...before, ...outcomeOf(found, feed), published: found.digest };
  context.say("warning", otherBytes(inputs, feed, found));
  return { ...before, state: "behind", reason: otherBytes(inputs, feed, found), published: found.digest };
}

function queued({ place }: Pick<Feed, "place">): string {
  return `the moderators of ${place} have it in their queue`;
}

function outcomeOf({ moderation }: FeedEntry, { place }: Feed): Pick<Outputs, "state" | "reason"> {
  if (moderation === "approved") return { state: "served" };
  return moderation === "waiting"
    ? { state: "awaiting", reason: queued({ place }) }
    : {
        state: "behind",
        reason: `the moderators of ${place} have rejected it: look there why, and publish a new version`,
      };
}

function outcomeAfterPush(desired: Inputs, feed: Feed, found: FeedEntry | undefined) {
  if (found !== undefined) return outcomeOf(found, feed);
  return isModerated(desired)
    ? { state: "awaiting" as const, reason: queued(feed) }
    : { state: "published" as const, reason: `${feed.place} does not show it yet` };
}

function isModerated({ feed }: Pick<Inputs, "feed">): boolean {
  return feed?.moderated ?? isCommunityFeed(new URL((feed ?? communityFeed).source));
}

function otherBytes({ packageId, version, hash = "" }: Inputs, feed: Feed, { digest }: FeedEntry): string {
  return (
    `${packageId} ${version} is in ${feed.place} with ${digest}, and would be ${hash} now: a listed version does not change. ` +
    "Publish a new version"
  );
}

function hashOf(bytes: Buffer): string {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}
