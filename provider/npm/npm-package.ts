import { stat } from "node:fs/promises";
import * as path from "node:path";
import { hiddenTag, movesTo, tagOf } from "../../lib/channels/npm/dist-tags";
import {
  isSameContent,
  NpmRegistry,
  NpmRegistryError,
  otherContent,
} from "../../lib/channels/npm/npm-registry";
import { readPackageFile, type PackageFile } from "../../lib/channels/npm/package-file";
import { npmjs } from "../../lib/channels/npm/registry-address";
import { defined } from "../../lib/objects/defined";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import { npmPackageDefinition } from "../../resources/definitions/npm-package";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import type { Changes, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { idOf, outcomeOf, publishedOf, seen, withTag, type Published } from "./published";
import { goneFromStage, rejected, stage } from "./staging";

type Inputs = InputsOf<typeof npmPackageDefinition>;
type Outputs = OutputsOf<typeof npmPackageDefinition>;
type State = StateOf<typeof npmPackageDefinition>;

/** `slipway:npm:Package`: everything is there before a tag that people install by names it. */
export const npmPackageHandler = resourceHandler(npmPackageDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated"],
  computedFrom: ["packages"],

  refuse(context, { token, registry = npmjs }) {
    if (token === undefined) return;
    const refuse = (property: string, reason: string) => {
      throw new InputError([{ property, reason }]);
    };
    refuseClear(context, { token }, { token: "npmToken" });
    if (!hasUnknown(registry) && isInTheClear(registry)) {
      refuse("registry", `${JSON.stringify(registry)} would get the token in clear: take https`);
    }
  },

  async compute(context, { packages }) {
    const files = await packageFiles(context, packages);
    return { integrities: Object.fromEntries(files.map((file) => [idOf(file), file.integrity])) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    if (hasUnknown(desired.integrities)) return { packages: { kind: "update" } };
    const changes: Changes = {};
    if (observed.state === "failed") changes.state = { kind: "update" };
    const found = new Map(observed.published.map((one) => [idOf(one), one]));
    for (const [id, integrity] of Object.entries(desired.integrities ?? {})) {
      const there = found.get(id);
      const isLeft = integrity === oldInputs.integrities?.[id];
      // Those who approve have it: that it is not there yet is no difference.
      if (desired.staged === true && isLeft && there?.integrity === "" && there.stageId !== undefined)
        continue;
      if (there === undefined || there.integrity === "")
        changes[entryPath("integrities", id)] = { kind: "add" };
      else if (there.integrity !== integrity && !there.integrity.startsWith("sha1-"))
        changes[entryPath("integrities", id)] = { kind: "update" };
      else if (
        there.tag !== tagOf(there.version, desired.prereleaseTag) ||
        movesTo(there.version, there.tagged)
      )
        changes.published = { kind: "update" };
    }
    return changes;
  },

  id: ({ registry = npmjs }) => new URL(registry).host,

  create: (context, desired) => bring(context, desired, [], undefined),

  update(context, desired, oldInputs, observed) {
    const isLeft = (one: Published) =>
      desired.integrities?.[idOf(one)] === oldInputs.integrities?.[idOf(one)];
    return bring(context, desired, observed.published.filter(isLeft), observed);
  },

  async observe(context, inputs, state) {
    const look = async (): Promise<State> => {
      const { published, gone } = await withRegistry(context, inputs, async (registry) => {
        const now = await seen(registry, state.published);
        return { published: now, gone: await goneFromStage(registry, now) };
      });
      sayDrift(context, inputs, state.published, published);
      const { reason: _reason, ...before } = state;
      const found =
        gone.length > 0
          ? ({ state: "failed", reason: rejected(gone, placeOf(inputs)) } as const)
          : outcomeOf(published);
      const outcome = state.state === "failed" ? { state: state.state, reason: state.reason } : found;
      if (outcome.state === "staged") context.say("info", `${placeOf(inputs)}: ${outcome.reason}`);
      return { ...before, ...outcome, published };
    };
    const channel = { gated: inputs.gated, channel: placeOf(inputs) };
    const observed = await askChannel(context, channel, look, state).catch((error: unknown) => {
      if (!(error instanceof NpmRegistryError) || !error.isAccessRefused) throw error;
      context.say(
        "warning",
        `${placeOf(inputs)} is taken to be as it was: the credentials of the last run are refused. ${error.message}`,
      );
      return state;
    });
    return { state: observed };
  },

  delete(context, _id, inputs) {
    context.say(
      "info",
      `${Object.keys(inputs.integrities ?? {}).join(", ")} stay in ${placeOf(inputs)}: they left the program only`,
    );
  },
});

function placeOf({ registry = npmjs }: Pick<Inputs, "registry">): string {
  return new URL(registry).host;
}

async function withRegistry<T>(
  context: ResourceContext,
  { registry = npmjs, token, access = "public" }: Inputs,
  work: (registry: NpmRegistry) => Promise<T>,
): Promise<T> {
  const { onWait } = context.services;
  const opened = new NpmRegistry({ url: new URL(registry), token, access, onWait, signal: context.signal });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** The tarballs, made where another resource makes them. @throws InputError */
async function packageFiles(context: ResourceContext, packages: Inputs["packages"]): Promise<PackageFile[]> {
  const findings: Finding[] = [];
  const files: PackageFile[] = [];
  for (const [index, { path: relative, digest }] of packages.entries()) {
    const property = `packages[${index}].path`;
    try {
      await context.services.ensureFile(relative, context.observer);
      const file = path.resolve(context.services.project, relative);
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile())
        throw new Error("there is no such file; paths are relative to the project's folder");
      const actual = await context.services.fileDigest(file);
      if (digest !== undefined && digest !== actual)
        throw new Error(`has the digest ${actual}, not the declared ${digest}`);
      const read = await readPackageFile(file);
      if (files.some((other) => idOf(other) === idOf(read))) throw new Error(`is ${idOf(read)} once more`);
      files.push(read);
    } catch (error) {
      findings.push({ property, reason: `${JSON.stringify(relative)}: ${(error as Error).message}` });
    }
  }
  await context.services.saveHashes();
  if (findings.length > 0) throw new InputError(findings);
  return files;
}

/** @param former what the state has of these very packages */
async function bring(
  context: ResourceContext,
  desired: Inputs,
  former: readonly Published[],
  before: State | undefined,
): Promise<Outputs> {
  const files = await packageFiles(context, desired.packages);
  const stageIds = new Map(former.map((one) => [idOf(one), one.stageId]));
  const none = files.map((file) => ({
    ...publishedOf(withTag(file, desired), "", ""),
    ...defined({ stageId: stageIds.get(idOf(file)) }),
  }));
  return attempt(
    context,
    { gated: desired.gated, channel: placeOf(desired), before },
    () => withRegistry(context, desired, (registry) => publish(context, registry, desired, files, none)),
    () => ({ published: none }),
  );
}

async function publish(
  context: ResourceContext,
  registry: NpmRegistry,
  desired: Inputs,
  files: readonly PackageFile[],
  known: readonly Published[],
): Promise<Outputs> {
  const missing: PackageFile[] = [];
  const conflicts: string[] = [];
  const tagged = new Map<string, string | undefined>();
  for (const file of files) {
    const { versions, tags } = await registry.packument(file.name);
    const there = versions.get(file.version);
    tagged.set(file.name, tags[tagOf(file.version, desired.prereleaseTag)]);
    if (there === undefined) missing.push(file);
    else if (!isSameContent(file, there)) conflicts.push(otherContent(file, registry.place, there));
  }
  if (conflicts.length > 0) throw new ChannelConflict(conflicts.join("\n"));
  if (missing.length > 0 && desired.token === undefined && desired.registry === undefined) {
    throw new ChannelConflict(
      `${registry.place} takes no packages without a token: give token, e.g. config.requireSecret("npmToken")`,
    );
  }
  const moving = files.filter(({ name, version }) => movesTo(version, tagged.get(name)));
  if (desired.staged === true && missing.length > 0) {
    return stage(context, registry, desired, { files, missing, moving, known });
  }
  if (context.preview) {
    const planned = files.map((file) =>
      publishedOf(
        withTag(file, desired),
        file.integrity,
        moving.includes(file) ? file.version : (tagged.get(file.name) ?? ""),
      ),
    );
    return { ...outcomeOf(planned), published: planned };
  }
  for (const file of missing) {
    context.status(`publishing ${idOf(file)} (${(file.size / 1e6).toFixed(1)} MB) to ${registry.place}`);
    await registry.publish(file, hiddenTag);
  }
  for (const { name, version } of moving)
    await registry.setTag(name, tagOf(version, desired.prereleaseTag), version);
  for (const { name } of files) {
    // Of an interrupted run too; the tag has done its work.
    if ((await registry.packument(name)).tags[hiddenTag] === undefined) continue;
    await registry.removeTag(name, hiddenTag).catch((error: unknown) => {
      // A token that may only stage cannot; nobody installs by the tag.
      if (desired.staged === true && error instanceof NpmRegistryError && error.isAccessRefused) return;
      throw error;
    });
  }
  const published = await seen(
    registry,
    files.map((file) => withTag(file, desired)),
  );
  return { ...outcomeOf(published), published };
}

/** Warns of what is not as it was left. */
function sayDrift(
  context: ResourceContext,
  inputs: Inputs,
  left: readonly Published[],
  found: readonly Published[],
): void {
  for (const [index, one] of found.entries()) {
    const before = left[index];
    if (!before || before.integrity === "") continue;
    const place = placeOf(inputs);
    if (one.integrity === "") {
      context.say(
        "warning",
        `somebody unpublished ${idOf(one)} from ${place}; npm's own registry takes no version twice`,
      );
    } else if (
      one.tagged !== before.tagged &&
      before.tagged === one.version &&
      movesTo(one.version, one.tagged)
    ) {
      const now = one.tagged === "" ? "deleted" : `moved to ${one.tagged}`;
      context.say(
        "warning",
        putBack(`somebody ${now} the tag ${one.tag} of ${one.name} in ${place}, which was ${one.version}`),
      );
    }
  }
}
