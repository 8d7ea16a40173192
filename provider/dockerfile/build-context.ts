import { isDeepStrictEqual } from "node:util";
import { buildContextDefinition, type BaseImageReference } from "../../resources/definitions/build-context";
import { readInputs, resolveBases, type DockerfileInputs } from "./base-images";
import { goneManifestsOf, manifestId } from "../images/gone-manifests";
import { distantBuilders } from "./distant-builders";
import { silentBuilders } from "./builders";
import { copyContext, dockerfileText, type CopiedContext } from "./build-contexts";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { entryChanges } from "../run/entry-changes";
import { readLock } from "./locked-images";
import type { Changes, InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { ofRun } from "../run/run";
import { hasUnknown } from "../base/unknown";

type Inputs = InputsOf<typeof buildContextDefinition>;

/** Content that this run has copied, by location. */
const copiesOf = ofRun(() => new Map<string, CopiedContext>());

/**
 * `slipway:build:Context`: computed at `check`, so that a preview shows what changed before
 * anything is built.
 */
export const buildContextHandler = resourceHandler(buildContextDefinition, {
  // What it observes is on this machine, and looked at by every check.
  refreshBeforeUpdate: false,
  // A build argument that is not known yet changes no file; FROM rarely takes one.
  neutral: ["buildArgs"],

  async refuse(context, { repository }) {
    // A builder pushes by itself, and has to find the registry of this machine running.
    if (repository !== undefined) await context.services.repository(repository);
  },

  async compute(context, declared, oldInputs) {
    if (declared.builtElsewhere !== true) await context.services.builder.ensurePlugin();
    for (const line of await silent(context, declared)) context.say("warning", line);
    const text = await dockerfileText(context.services.project, declared);
    const found = inputsOf(text, declared);
    // An argument that is not known yet can have any value; the next check sees it.
    if (!hasUnknown(declared.buildArgs)) tellUnresolved(context, declared, found.unresolved);
    const known = oldInputs !== undefined && !hasUnknown(oldInputs.bases) ? (oldInputs.bases ?? []) : [];
    const locked = await readLock(context.services.project, declared.lock);
    const { bases, pending } = await resolveBases(context, found.bases, known, {
      use: declared.lock,
      digests: locked,
    });
    if (declared.lock === undefined) {
      for (const base of bases) if (base.floating) sayFloating(context, declared, base);
    }
    const copied = await copyContext(context, declared, text, found.sources);
    copiesOf(context.run).set(copied.location, copied);
    const { location, files } = copied;
    return {
      rebuilds: rebuildsOf(context, declared, oldInputs),
      location,
      files,
      bases,
      user: found.user,
      ...pending,
    };
  },

  computedLater: (context, declared, oldInputs) => ({
    rebuilds: rebuildsOf(context, declared, oldInputs),
    user: undefined,
    pending: undefined,
  }),

  diff(_context, desired, oldInputs) {
    return {
      ...entryChanges("files", desired.files, oldInputs.files),
      ...entryChanges("buildArgs", desired.buildArgs, oldInputs.buildArgs),
      ...baseChanges(desired.bases, oldInputs.bases),
      ...entryChanges("rebuilds", desired.rebuilds, oldInputs.rebuilds),
      ...entryChanges("pending", desired.pending, oldInputs.pending),
      ...plainChanges(desired, oldInputs),
    };
  },

  id: ({ image }) => image,

  planned: (_context, { rebuilds = {} }) => ({ rebuilds }),

  async create(context, desired) {
    if (!context.preview) {
      // What is built is pushed.
      await context.services.preflight.pass();
      if (desired.builtElsewhere !== true) {
        context.services.builder.need();
        await requireBuilders(context, desired);
      }
    }
    const copied = copiesOf(context.run).get(desired.location ?? "") ?? (await copyAgain(context, desired));
    if (!context.preview) await context.services.pruneCache();
    return {
      digest: copied.digest,
      stagedContext: copied.context,
      stagedDockerfile: copied.dockerfile,
      stagedFolders: copied.folders,
      bases: desired.bases ?? [],
      rebuilds: desired.rebuilds ?? {},
      fileCount: copied.fileCount,
      failureLines: copied.failureLines,
    };
  },
});

/**
 * Images that were built, and that the observation before this run has found gone: they are built
 * again, for what made them has not changed.
 */
function rebuildsOf(
  { run }: ResourceContext,
  { image, repository, platforms }: Inputs,
  old: Inputs | undefined,
): Record<string, number> {
  const counts = { ...(hasUnknown(old?.rebuilds) ? {} : old?.rebuilds) };
  if (repository === undefined || old?.repository !== repository || old.image !== image) return counts;
  for (const platform of hasUnknown(platforms) ? [] : platforms) {
    if (goneManifestsOf(run).has(manifestId({ repository, platform })))
      counts[platform] = (counts[platform] ?? 0) + 1;
  }
  return counts;
}

/**
 * What changed is built next: where no builder answers, that is said before the official provider
 * waits for it.
 */
async function requireBuilders(context: ResourceContext, desired: Inputs): Promise<void> {
  const lines = await silent(context, desired);
  if (lines.length > 0) throw new Error(lines.join("\n"));
}

/** Builders that do not answer, or cannot push where the image goes. */
async function silent(context: ResourceContext, desired: Inputs): Promise<string[]> {
  const { image, builders } = desired;
  return [...(await distantBuilders(desired)), ...(await silentBuilders(context, image, builders))];
}

/** Returns what the Dockerfile says; an argument that is not known yet has no value. */
/** Images that a Dockerfile starts from or copies from, as it names them. @throws InputError */
export async function namedBases(project: string, declared: Inputs): Promise<readonly BaseImageReference[]> {
  return inputsOf(await dockerfileText(project, declared), declared).bases;
}

function inputsOf(text: string, declared: Inputs): DockerfileInputs {
  const buildArgs = Object.fromEntries(
    Object.entries(declared.buildArgs ?? {}).filter(([, value]) => !hasUnknown(value)),
  );
  const inputs = readInputs(text, {
    ...declared,
    buildArgs,
    secrets: declared.secrets ?? [],
    contexts: [
      ...Object.keys(declared.folders ?? {}),
      ...Object.keys(declared.builtFiles ?? {}),
      ...(declared.otherContexts ?? []),
    ],
    ownImages: declared.ownImages ?? [],
  });
  return declared.whole === true ? { ...inputs, sources: undefined } : inputs;
}

/** Another process has checked: its copy is there, and found by its digest. */
async function copyAgain(context: ResourceContext, desired: Inputs): Promise<CopiedContext> {
  const text = await dockerfileText(context.services.project, desired);
  return copyContext(context, desired, text, inputsOf(text, desired).sources);
}

/**
 * Bases of which a variable has no value are not looked at: nothing pins them, and a new one is no
 * reason to build again.
 *
 * @throws InputError where a lock was asked for, which would not have them
 */
function tellUnresolved(
  context: ResourceContext,
  { image, dockerfile, lock }: Inputs,
  unresolved: DockerfileInputs["unresolved"],
): void {
  const reasons = unresolved.map(
    ({ text, line }) =>
      `image ${image}: ${dockerfile}, line ${line}: what ${JSON.stringify(text)} stands for is not known before ` +
      `the build, so nothing pins this base. Give its variable a value (a valid example: buildArgs: { BASE: ` +
      `"docker.io/library/alpine:3.20" }), or name the image`,
  );
  if (reasons.length === 0) return;
  if (lock === undefined) for (const reason of reasons) context.say("warning", reason);
  else throw new InputError(reasons.map((reason) => ({ property: "lock", reason })));
}

function sayFloating(context: ResourceContext, { dockerfile }: Inputs, base: BaseImageReference): void {
  const now = base.digest === undefined ? "" : `; now it is ${base.digest}`;
  context.say(
    "warning",
    `${dockerfile}, line ${base.line}: ${base.reference} is a floating base, which its publisher moves${now}. ` +
      `Name a full version or a digest, or declare a lock, to decide yourself when it changes`,
  );
}

function baseChanges(desired: Inputs["bases"] = [], old: Inputs["bases"] = []): Changes {
  const pairs = (hasUnknown(desired) ? [] : desired).map((base, index): [number, boolean] => {
    const before = old[index];
    const { line: _line, ...content } = base;
    const { line: _oldLine, ...oldContent } = before ?? { line: 0 };
    return [index, isDeepStrictEqual(content, oldContent)];
  });
  const changed = pairs
    .filter(([, same]) => !same)
    .map(([index]): [string, Changes[string]] => [
      `bases[${index}]`,
      { kind: old[index] === undefined ? "add" : "update", inputDiff: true },
    ]);
  if (old.length > desired.length) changed.push(["bases", { kind: "update", inputDiff: true }]);
  return Object.fromEntries(changed);
}

/** Whatever else decides what is built; the location follows from the files. */
function plainChanges(desired: Inputs, old: Inputs): Changes {
  const properties = [
    "dockerfile",
    "context",
    "stage",
    "platforms",
    "secrets",
    "folders",
    "otherContexts",
    "ownImages",
    "copies",
    "whole",
  ] as const;
  const changed = properties.filter((property) => !isDeepStrictEqual(desired[property], old[property]));
  const moved = desired.location !== old.location ? (["location"] as const) : [];
  return Object.fromEntries(
    [...changed, ...moved].map((property) => [
      property,
      {
        kind: old[property] === undefined ? "add" : desired[property] === undefined ? "delete" : "update",
        inputDiff: true,
      },
    ]),
  );
}
