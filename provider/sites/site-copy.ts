import * as path from "node:path";
import {
  copyDrift,
  copySite,
  ForeignFileError,
  planCopy,
  type CopyPlan,
  type CopyRecord,
} from "../../lib/channels/site/copy-site";
import { folderFiles } from "../../lib/channels/site/folder-files";
import type { HostedFile, SiteHost } from "../../lib/channels/site/site-host";
import { PublishedFileError } from "../../lib/channels/site/write-site";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { InputError } from "../../resources/definitions/input-findings";
import { siteCopyDefinition } from "../../resources/definitions/site-copy";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { inFolderTurn } from "../release/folder-turn";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { credentialsMissing, hostId, openHost } from "./open-host";

type Inputs = InputsOf<typeof siteCopyDefinition>;
type Outputs = OutputsOf<typeof siteCopyDefinition>;
type State = StateOf<typeof siteCopyDefinition>;

const dayMs = 86_400_000;
const defaultKeepDays = 7;
/** Files that a preview names. */
const namedFiles = 3;

const nothing: CopyRecord = { copied: {}, marks: {}, superseded: {} };

/** `slipway:site:Copy`: content first, what names it last. */
export const siteCopyHandler = resourceHandler(siteCopyDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated"],
  computedFrom: ["directory"],

  refuse(context, { host }) {
    if (hasUnknown(host)) return;
    refuseClear(
      context,
      {
        "host.s3.secretAccessKey": host.s3?.secretAccessKey,
        "host.s3.sessionToken": host.s3?.sessionToken,
        "host.rsync.privateKey": host.rsync?.privateKey,
      },
      {
        "host.s3.secretAccessKey": "secretAccessKey",
        "host.s3.sessionToken": "sessionToken",
        "host.rsync.privateKey": "privateKey",
      },
    );
    const missing = credentialsMissing(host);
    if (missing !== undefined) throw new InputError([{ property: "host.s3", reason: missing }]);
  },

  async compute(context, { directory }) {
    return { content: contentOf(await filesOf(context, directory)) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(
      ["directory", "host", "revision", "withheld", "keepDays"],
      desired,
      oldInputs,
    );
    if (!hasUnknown(desired.host) && hostId(desired.host) !== hostId(oldInputs.host)) {
      changes.host = { kind: "update-replace", inputDiff: true };
    }
    if (hasUnknown(desired.content)) changes.directory = { kind: "update" };
    else if (desired.content !== oldInputs.content) changes.content = { kind: "update", inputDiff: true };
    for (const [file, what] of Object.entries(observed.drifted)) {
      changes[entryPath("drifted", file)] = { kind: what === "gone" ? "add" : "update" };
    }
    if (observed.state === "failed") changes.state = { kind: "update" };
    return changes;
  },

  id: ({ host }) => (hasUnknown(host) ? "" : hostId(host)),

  create: (context, desired) => publish(context, desired, nothing, new Set()),

  update: (context, desired, _oldInputs, observed) =>
    publish(context, desired, observed, new Set(Object.keys(observed.drifted))),

  async observe(context, inputs, before) {
    const channel = { gated: inputs.gated, channel: channelOf(inputs) };
    return { state: await askChannel(context, channel, () => look(context, inputs, before), before) };
  },

  delete(context, id) {
    context.say("info", `${id} keeps what it has: it left the program only`);
  },
});

/** The copy as it is on its host; warns of drift. */
async function look(context: ResourceContext, inputs: Inputs, before: State): Promise<State> {
  const own = new Map(
    (await filesOf(context, inputs.directory)).map(({ path: file, digest }) => [file, digest]),
  );
  return withHost(context, inputs, async (host) => {
    const isHere = (file: string) => own.get(file) === before.copied[file];
    const found = await copyDrift(host, before, (file) => !host.comparesFiles || isHere(file));
    const drifted: Record<string, string> = {};
    for (const [file, what] of found) {
      const said = `somebody ${what === "gone" ? "deleted" : "changed"} ${host.place}/${file}, left as ${shortDigest(before.copied[file] ?? "")}`;
      if (own.has(file)) drifted[file] = what;
      // What a run that failed has begun is not somebody's.
      if (before.state === "failed") continue;
      const lost = `${said}; ${inputs.directory} has no such file, so that it cannot be put back`;
      context.say("warning", own.has(file) ? putBack(said) : lost);
    }
    if (before.state !== "unknown") return { ...before, drifted };
    return { ...before, state: "published", reason: undefined, drifted };
  });
}

/** Gives the host what differs; at preview refuses what could not be given. */
async function publish(
  context: ResourceContext,
  desired: Inputs,
  left: CopyRecord,
  drifted: ReadonlySet<string>,
): Promise<Outputs> {
  const channel = channelOf(desired);
  const folder = folderOf(context, desired.directory);
  let record: CopyRecord = { copied: left.copied, marks: left.marks, superseded: left.superseded };
  return attempt(
    context,
    { gated: desired.gated, channel },
    async () => {
      const { withheld } = desired;
      if (withheld !== undefined) throw new Error(`${desired.directory} is not copied: ${withheld}`);
      const work = () =>
        withHost(context, desired, async (host) => {
          const files = await filesOf(context, desired.directory);
          const { keepDays = defaultKeepDays, takeOver = false } = desired;
          const rules = { keepMs: keepDays * dayMs, takeOver };
          const plan = await planned(host, files, record, drifted, rules);
          if (context.preview) sayPlan(context, host, plan);
          else record = await copySite(host, plan, files, record, (now) => (record = now));
        });
      await (context.preview ? work() : inFolderTurn(context, folder, work));
      return outputsOf("published", record);
    },
    () => outputsOf("failed", record),
  );
}

async function planned(...args: [...Parameters<typeof planCopy>] extends [...infer A, Date] ? A : never) {
  try {
    return await planCopy(...args, new Date());
  } catch (error) {
    // What no further try mends is refused by a preview.
    if (error instanceof PublishedFileError || error instanceof ForeignFileError)
      throw new ChannelConflict(error.message);
    throw error;
  }
}

function sayPlan(context: ResourceContext, { place }: SiteHost, { turns }: CopyPlan): void {
  const files = turns.flat();
  if (files.length === 0) return;
  const names = files.slice(-namedFiles).map(({ path: file }) => file);
  const more = files.length > namedFiles ? `${files.length - namedFiles} files, and then ` : "";
  context.say("info", `${place} will get ${more}${names.join(", ")}`);
}

function outputsOf(state: "published" | "failed", { copied, marks, superseded }: CopyRecord): Outputs {
  return { state, copied: { ...copied }, marks: { ...marks }, superseded: { ...superseded }, drifted: {} };
}

async function withHost<T>(
  context: ResourceContext,
  { directory, host }: Inputs,
  work: (host: SiteHost) => Promise<T>,
): Promise<T> {
  const opened = await openHost(context, folderOf(context, directory), host);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

async function filesOf({ services }: ResourceContext, directory: string): Promise<HostedFile[]> {
  const files = await folderFiles(path.resolve(services.project, directory), (file) =>
    services.fileDigest(file),
  );
  await services.saveHashes();
  return files;
}

function folderOf({ services }: ResourceContext, directory: string): string {
  return path.resolve(services.project, directory);
}

function contentOf(files: readonly HostedFile[]): string {
  return digestOf(files.map(({ path: file, digest }) => `${digest} ${file}\n`).join(""));
}

function channelOf({ host }: Pick<Inputs, "host">): string {
  return hostId(host);
}
