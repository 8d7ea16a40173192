import { setMaxListeners } from "node:events";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { announceToken } from "../../resources/definitions/announce-token";
import type { ResourceDefinition } from "../../resources/definitions/definition";
import type * as PackageSchemaModule from "../../resources/definitions/package-schema";
import type { ProviderConfig } from "../../resources/definitions/provider-config";
import { movedTags } from "../../lib/display/moved-tags";
import type { DoneStep } from "../../lib/display/run-summary";
import { recordSent } from "../../lib/display/sent-record";
import { isMadeStep, kindOfStep, nameOfUrn } from "../../lib/display/step-names";
import { RegistryError } from "../../lib/oci/errors";
import { countingSent, type SentBytes } from "../../lib/oci/transport/sent-bytes";
import { environmentSecrets } from "../../lib/text/environment-secrets";
import { SecretTexts } from "../../lib/text/secret-texts";
import { ResourceContext } from "../run/context";
import { EngineLog } from "../base/engine-log";
import { EvidenceGuard, givenEvidence, refuseUnsealed, withoutSeal } from "../evidence/guard";
import { EvidenceRecord } from "../evidence/evidence-record";
import { RunRecord } from "../evidence/run-record";
import { githubToken } from "../run/github-access";
import type { DecodedProperties, Properties, SecretPaths } from "../base/properties";
import { valueAtPath } from "../base/property-path";
import { replaceChanges } from "../run/replacement";
import type { Changes, ResourceHandler } from "../run/resource";
import { workOf } from "../run/run-work";
import { handledTypes, handlerFor } from "./handlers";
import { listedImages } from "../images/index-children";
import type * as AnnounceModule from "./announce";
import type * as ServicesModule from "../run/services";
import { refuseServedFiles } from "../run/written-files";
import { asAdded, asUnobserved, isAccessRefused, isUnobserved, withoutMark } from "../run/unobserved";
import { storedOutputs, wholeOutputs } from "./stored-state";
import { Unknown } from "../base/unknown";
import { refuseInvalid } from "./valid-inputs";

/** State with whether the engine should observe it before the next preview. */
interface Stored {
  state: Properties;
  refresh: boolean;
}

/** The provider `slipway`: finds the handler of a resource type and gives it validated inputs. */
export class Provider {
  /** Secret values that this process was given. */
  readonly secrets = new SecretTexts();
  readonly log = new EngineLog(this.secrets);
  private readonly abort = new AbortController();
  private services: ServicesModule.Services | undefined;
  /** Resources that the program has declared with the present configuration. */
  private readonly checked = new Set<string>();
  /** Hosts that refuse the credentials of the last run. */
  private readonly refused = new Set<string>();
  private engineAddress = "";
  private evidence: EvidenceRecord | undefined;

  constructor(readonly version: string) {
    for (const text of environmentSecrets(process.env)) this.secrets.addText(text);
    // Everything under way listens, and that is much in a large program.
    setMaxListeners(0, this.abort.signal);
  }

  /** Connects to the engine's display. */
  connect(engineAddress: string): void {
    if (!engineAddress) return;
    this.engineAddress ||= engineAddress;
    this.log.connect(engineAddress);
  }

  /** Package schema as JSON text. */
  schema(): string {
    const { packageSchema } =
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- seldom asked for, and it needs all definitions
      require("../../resources/definitions/package-schema") as typeof PackageSchemaModule;
    return JSON.stringify(packageSchema(this.version));
  }

  async configure(config: ProviderConfig): Promise<void> {
    for (const { password, identityToken } of config.registries ?? []) {
      for (const text of [password, identityToken]) if (text !== undefined) this.secrets.addText(text);
    }
    const token = githubToken(config);
    if (token !== undefined) this.secrets.addText(token);
    await this.services?.close();
    this.checked.clear();
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- one of two processes is never configured
    const { Services } = require("../run/services") as typeof ServicesModule;
    const project = process.cwd();
    this.services = await Services.start(config, project, this.log);
    const run = { pid: process.ppid, address: this.engineAddress };
    this.evidence ??= new EvidenceRecord(new RunRecord(path.join(project, ".slipway", "runs"), run));
  }

  /** The definition of a resource's type. */
  definition(urn: string): ResourceDefinition {
    return handlerOf(urn).definition;
  }

  /** A function of the package, which a program calls. @throws Error for one that there is none of */
  invoke(token: string, values: Properties): void {
    if (token !== announceToken) throw new Error(`the provider "slipway" has no function ${token}`);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a preview does not need it
    const { announce } = require("./announce") as typeof AnnounceModule;
    announce(new ResourceContext(this.started, "", false, this.log, this.signal), values);
  }

  async check(urn: string, news: DecodedProperties, olds: Properties | undefined): Promise<Properties> {
    const handler = handlerOf(urn);
    this.checked.add(urn);
    // What it said before counts again once it is found to be as it was, or has looked anew.
    this.noteEvidence(handler, urn, {});
    refuseInvalid(handler.definition, news);
    const declared = withoutSeal(news.values);
    const guard = new EvidenceGuard(handler.definition, this.evidenceRecord, declared, olds);
    const checked = await this.work(
      urn,
      true,
      async (context) => {
        await refuseServedFiles(handler, context.services.project, declared);
        return (await handler.check(context, declared, olds)) as Properties;
      },
      news.secrets,
    );
    await guard.refuseLeftOut(checked, (place, digest) => listedImages(this.started, place, digest));
    return guard.seal(checked);
  }

  async diff(
    urn: string,
    id: string,
    desired: Properties,
    oldInputs: Properties,
    stored: Properties,
    ignored: readonly string[],
  ): Promise<Changes> {
    const handler = handlerOf(urn);
    const { definition } = handler;
    const observed = wholeOutputs(definition, oldInputs, stored);
    // The engine compares after each observation too, without a check before: the new credentials
    // are not here yet.
    if (isUnobserved(observed) && !this.checked.has(urn)) return {};
    const different = await this.work(urn, true, (context) =>
      isUnobserved(observed)
        ? diffUnobserved(handler, context, id, desired, oldInputs, withoutMark(observed))
        : handler.diff(context, desired, oldInputs, observed),
    );
    // A resource that was only observed, and may have left the program, makes no file.
    if (!this.checked.has(urn)) this.started.made.declare(urn, []);
    const changes = {
      ...different,
      ...replaceChanges(definition.replaceOn, desired, oldInputs),
    };
    const heeded = Object.entries(changes).filter(
      ([path]) =>
        !ignored.some(
          (prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
        ),
    );
    // What it said before counts no more where it is about to say something else, which may be that
    // it has failed.
    if (this.checked.has(urn)) this.noteEvidence(handler, urn, heeded.length === 0 ? observed : {});
    return Object.fromEntries(heeded);
  }

  async create(urn: string, desired: Properties, preview: boolean): Promise<Stored & { id: string }> {
    const handler = handlerOf(urn);
    const create = async (context: ResourceContext) => {
      if (!preview) await refuseUnready(handler, context, desired);
      return writing(context, () => handler.create(context, desired));
    };
    const { id, state } = await (preview ? this.work(urn, true, create) : this.doing(urn, "made", create));
    this.noteEvidence(handler, urn, state as Properties);
    return {
      id: preview ? "" : this.clearId(id),
      state: storedOutputs(handler.definition, { ...desired, ...state }),
      refresh: handler.refreshBeforeUpdate,
    };
  }

  /** An ID is never encrypted, and always shown. */
  private clearId(id: string): string {
    return this.secrets.isRepeatedIn(id) ? this.secrets.blot(id) : id;
  }

  async read(
    urn: string,
    id: string,
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<(Stored & { id: string; inputs: Properties }) | undefined> {
    const handler = handlerOf(urn);
    refuseGivenState(handler, urn, inputs, state);
    const known = state && wholeOutputs(handler.definition, inputs ?? {}, withoutMark(state));
    const found = await this.work(urn, true, (context) =>
      observed(handler, context, id, inputs, known).catch((error: unknown) => {
        if (!inputs || !known || !isAccessRefused(error)) throw error;
        this.sayRefused(context, inputs, error);
        return { id, inputs, state: asUnobserved(known) };
      }),
    );
    return (
      found && {
        id: found.id,
        inputs: found.inputs as Properties,
        state: storedOutputs(handler.definition, { ...found.inputs, ...found.state }),
        refresh: handler.refreshBeforeUpdate,
      }
    );
  }

  async update(
    urn: string,
    desired: Properties,
    oldInputs: Properties,
    stored: Properties,
    preview: boolean,
  ): Promise<Stored> {
    const handler = handlerOf(urn);
    const observed = wholeOutputs(handler.definition, oldInputs, stored);
    const update = async (context: ResourceContext) => {
      if (!preview) await refuseUnready(handler, context, desired);
      return writing(context, () => handler.update(context, desired, oldInputs, observed));
    };
    const state = await (preview
      ? this.work(urn, true, update)
      : this.doing(urn, "changed", update, (now) =>
          movedTags({ outputs: observed }, { outputs: { ...desired, ...now } }),
        ));
    this.noteEvidence(handler, urn, state as Properties);
    return {
      state: storedOutputs(handler.definition, { ...desired, ...state }),
      refresh: handler.refreshBeforeUpdate,
    };
  }

  async delete(urn: string, id: string, inputs: Properties, state: Properties): Promise<void> {
    const handler = handlerOf(urn);
    const whole = wholeOutputs(handler.definition, inputs, state);
    await this.doing(urn, "removed", (context) => handler.delete(context, id, inputs, whole));
  }

  /**
   * Ends what is under way. What was pushed by digest stays; nothing points to what is not whole.
   */
  cancel(): void {
    this.abort.abort(new Error("canceled"));
  }

  /** Whether this process was given a configuration, and with it resources to work with. */
  get isConfigured(): boolean {
    return this.services !== undefined;
  }

  /** Aborted when the run is canceled. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /**
   * Notes what a resource says: one that is as it was is compared, after its check, before the
   * program is told its outputs. What is only observed is not declared by this program any more, or
   * its turn is yet to come; what is about to look again says nothing until it has.
   */
  private noteEvidence({ definition }: ResourceHandler, urn: string, state: Properties): void {
    const lists = givenEvidence(definition).map((name) => state[name]);
    if (lists.length > 0) this.evidenceRecord.note(urn, lists.filter(Array.isArray).flat());
  }

  private get evidenceRecord(): EvidenceRecord {
    if (!this.evidence) throw new Error("the provider is used before it is configured");
    return this.evidence;
  }

  private get started(): ServicesModule.Services {
    if (!this.services) throw new Error("the provider is used before it is configured");
    return this.services;
  }

  /** Says once a host that the credentials of the last run are refused. */
  private sayRefused(context: ResourceContext, { repository }: Properties, error: Error): void {
    // The refusal may be that of a token server, which nobody knows by name.
    const named = typeof repository === "string" ? repository.split("/")[0] : undefined;
    const host = error instanceof RegistryError ? (named ?? error.host) : "";
    if (this.refused.has(host)) return;
    this.refused.add(host);
    const what = host === "" ? "The stored credentials" : `The stored credentials for ${host}`;
    context.say(
      "warning",
      `${what} are refused: what is published there is taken to be as it was until this run's own credentials ` +
        `observe it. ${error.message.split("\n")[0]}`,
    );
  }

  /** Does something for one resource, and notes what and how long. */
  private async doing<T>(
    urn: string,
    result: "made" | "changed" | "removed",
    task: (context: ResourceContext) => Promise<T>,
    moved: (done: T) => readonly string[] = () => [],
  ): Promise<T> {
    const sent: SentBytes = { bytes: 0 };
    const begun = performance.now();
    const note = (step: Pick<DoneStep, "result" | "moved">) => {
      const type = typeOfUrn(urn);
      const seconds = (performance.now() - begun) / 1000;
      const done = {
        kind: kindOfStep({ type }),
        name: nameOfUrn(urn),
        seconds,
        sentBytes: sent.bytes,
        ...step,
      };
      if (isMadeStep({ op: "create", type })) workOf(this.started.run).push(done);
      recordSent(urn, sent.bytes);
    };
    try {
      const done = await countingSent(sent, () => this.work(urn, false, task));
      note({ result, moved: moved(done) });
      return done;
    } catch (error) {
      note({ result: "refused", moved: [] });
      throw error;
    }
  }

  /** Works on one resource, and shows how far it is while it does. */
  private async work<T>(
    urn: string,
    preview: boolean,
    task: (context: ResourceContext) => Promise<T>,
    secrets?: SecretPaths,
  ): Promise<T> {
    const context = new ResourceContext(this.started, urn, preview, this.log, this.signal, secrets);
    try {
      return await task(context);
    } finally {
      context.end();
    }
  }
}

/** Refuses what nothing may be published or written on: what was checked may not be so any more. */
async function refuseUnready(
  handler: ResourceHandler,
  { services }: ResourceContext,
  desired: Properties,
): Promise<void> {
  refuseUnsealed(handler.definition, desired);
  await refuseServedFiles(handler, services.project, desired);
}

/**
 * Refuses a resource whose state the program writes itself, as `get` with an ID lets it: what gives
 * evidence has to have looked. The engine sends the same properties as inputs and as state then,
 * and in no other case.
 */
function refuseGivenState(
  { definition }: ResourceHandler,
  urn: string,
  inputs: Properties | undefined,
  state: Properties | undefined,
): void {
  if (givenEvidence(definition).length === 0 || !inputs || !isDeepStrictEqual(inputs, state)) return;
  throw new Error(
    `${urn}: a ${definition.token} cannot be read by an ID: declare it, so that it looks at ` +
      "what it gives evidence of",
  );
}

/** Makes a desired state true: what a registry has lost may be put back where it is no preview. */
function writing<T>({ preview, services }: ResourceContext, work: () => Promise<T>): Promise<T> {
  return preview ? work() : services.lost.whileWriting(work);
}

/** Observes a resource as it is at this moment. */
async function observed(
  handler: ResourceHandler,
  context: ResourceContext,
  id: string,
  inputs: Properties | undefined,
  state: Properties | undefined,
): ReturnType<ResourceHandler["read"]> {
  return context.services.pushes.observe(() => handler.read(context, id, inputs, state));
}

/** Differences to a resource whose state the credentials of the last run could not observe. */
async function diffUnobserved(
  handler: ResourceHandler,
  context: ResourceContext,
  id: string,
  desired: Properties,
  oldInputs: Properties,
  recorded: Properties,
): Promise<Changes> {
  const found = await observed(handler, context, id, oldInputs, recorded);
  const changes = await handler.diff(context, desired, oldInputs, found?.state ?? {});
  if (!found) {
    context.say("warning", `${id} is gone from the registry`);
    return asAdded(changes);
  }
  // The engine knows the recorded state only, and shows that beside the desired one.
  const now = found.state as Properties;
  for (const path of Object.keys(changes)) {
    const actual = valueAtPath(now, path);
    if (actual === valueAtPath(recorded, path)) continue;
    const words = actual === undefined ? "gone, and has to be" : `${describe(actual)}, not`;
    context.say("warning", `${id}: ${path} is ${words} ${describe(valueAtPath(desired, path))}`);
  }
  return changes;
}

function describe(value: unknown): string {
  if (value instanceof Unknown) return "what is not known yet";
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}

/** The type in `urn:pulumi:stack::project::parentType$type::name`. */
export function typeOfUrn(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

/** The handler for the type of a resource. */
function handlerOf(urn: string): ResourceHandler {
  const token = typeOfUrn(urn);
  const handler = handlerFor(token);
  if (!handler) {
    throw new Error(
      `${urn}: the provider "slipway" has no resource type ${token}; it has ${handledTypes.join(", ")}`,
    );
  }
  return handler;
}
