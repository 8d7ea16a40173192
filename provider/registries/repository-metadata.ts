import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatRepository, parseRepository } from "../../lib/oci/reference";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { absoluteLinks, RelativeLinkError } from "../../lib/registries/absolute-links";
import type { MetadataApi, MetadataField, RepositoryMetadata } from "../../lib/registries/metadata";
import { metadataProblems, metadataRules } from "../../lib/registries/metadata-rules";
import { firstDifference } from "../../lib/documents/lines";
import { InputError } from "../../resources/definitions/input-findings";
import { repositoryMetadataDefinition } from "../../resources/definitions/repository-metadata";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { apiOf, type CuratorLogin } from "../run/metadata-apis";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof repositoryMetadataDefinition>;
type Declared = DeclaredOf<typeof repositoryMetadataDefinition>;
type Outputs = OutputsOf<typeof repositoryMetadataDefinition>;
type State = StateOf<typeof repositoryMetadataDefinition>;

/** Fields, as people say them. */
const words: Readonly<Record<MetadataField, string>> = {
  description: "the description",
  fullDescription: "the full description",
  categories: "the categories",
  visibility: "who may see it",
  immutableTags: "the immutable tags",
};
const fields = Object.keys(words) as MetadataField[];

/** `slipway:oci:RepositoryMetadata`: told and set by the API of a registry. */
export const repositoryMetadataHandler = resourceHandler(repositoryMetadataDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated", "login"],
  computedFrom: ["overview"],

  async refuse(context, declared) {
    refuseClear(
      context,
      { "login.password": declared.login?.password },
      { "login.password": "curatorToken" },
    );
    refuseApi(declared);
    if (hasUnknown([declared.kind, declared.overview])) return;
    const fullDescription = await textOf(context, declared.overview);
    if (hasUnknown([declared.description, declared.immutableTags])) return;
    const problems = metadataProblems(declared.kind, { ...declared, fullDescription });
    if (problems.length > 0) {
      throw new InputError(problems.map(({ field, reason }) => ({ property: propertyOf(field), reason })));
    }
  },

  async compute(context, { overview }) {
    return { fullDescription: await textOf(context, overview) };
  },

  diff(_context, desired, _oldInputs, observed): Changes {
    const changes: Changes = {};
    // What is gone shows nothing, and its state has the inputs.
    const isGone = observed.state === "behind";
    for (const field of settable(desired)) {
      const [wanted, there] = [desired[field], isGone ? undefined : observed[field]];
      if (hasUnknown(wanted) || isSame(wanted, there)) continue;
      changes[field] = { kind: there === undefined ? "add" : "update" };
    }
    if (observed.state === "failed") changes.state = { kind: "update" };
    return changes;
  },

  id: ({ repository }) => formatRepository(parseRepository(repository)),

  create: (context, desired) => bring(context, desired),

  update: (context, desired, _oldInputs, observed) => bring(context, desired, observed),

  async observe(context, inputs, state) {
    // That it cannot be asked says nothing of what it shows, whoever waits for it.
    const channel = { gated: true, channel: nameOf(inputs) };
    return { state: await askChannel(context, channel, () => seen(context, inputs, state), state) };
  },

  delete(context, id) {
    context.say("info", `what is shown of ${id} stays as it is: it left the program only`);
  },
});

/** Fields that are declared and that the service lets a program set. */
function settable(desired: Inputs): MetadataField[] {
  const { setByPeople } = metadataRules[desired.kind];
  return fields.filter((field) => desired[field] !== undefined && !setByPeople.includes(field));
}

function declaredFields(inputs: Inputs): MetadataField[] {
  return fields.filter((field) => inputs[field] !== undefined);
}

function isSame(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown) => (Array.isArray(value) ? [...(value as unknown[])].sort() : value);
  return isDeepStrictEqual(sorted(one), sorted(other));
}

function propertyOf(field: MetadataField): string {
  return field === "fullDescription" ? "overview" : field;
}

function nameOf({ repository, kind }: Pick<Inputs, "repository" | "kind">): string {
  return `${parseRepository(repository).path} at ${metadataRules[kind].name}`;
}

/** Secrets go to nobody in clear, and credentials of one host to no other. */
function refuseApi({ repository, kind, api, login }: Declared): void {
  if (hasUnknown([repository, kind, api, login]) || api === undefined) return;
  if (isInTheClear(api)) {
    const reason = `${JSON.stringify(api)} would get the credentials in clear: take https`;
    throw new InputError([{ property: "api", reason }]);
  }
  const { registry } = parseRepository(repository);
  if (login !== undefined || new URL(api).host === new URL(apiOf(kind, registry)).host) return;
  const reason =
    `is missing, and ${JSON.stringify(api)} does not get the credentials of ${registry}: say who asks it ` +
    '(a valid example: { username: "acme", password: config.requireSecret("curatorToken") })';
  throw new InputError([{ property: "login", reason }]);
}

/** The text of the page with absolute links. @throws InputError for a file that cannot be read, and links that lead nowhere */
async function textOf(context: ResourceContext, overview: Inputs["overview"]): Promise<string | undefined> {
  if (overview === undefined) return undefined;
  const { file, links } = overview;
  try {
    const text =
      file === undefined
        ? (overview.text ?? "")
        : await readFile(path.resolve(context.services.project, file), "utf8");
    // Services cut white space at the ends, and would seem to have another text.
    return absoluteLinks(text.replaceAll("\r\n", "\n").trim(), links);
  } catch (error) {
    const property = file === undefined ? "overview.text" : "overview.file";
    const reason =
      error instanceof RelativeLinkError
        ? error.message
        : `${JSON.stringify(file)} cannot be read: ${(error as Error).message}`;
    throw new InputError([{ property, reason }]);
  }
}

async function apiFor(
  context: ResourceContext,
  { repository, kind, api, login }: Inputs,
): Promise<{ api: MetadataApi; path: string; isSignedIn: boolean }> {
  const name = parseRepository(repository);
  const found = login ?? (await ownLogin(context, repository, kind));
  const address = api ?? apiOf(kind, name.registry);
  const opened = await context.services.metadata.open({ kind, address, login: found }, context.signal);
  return { api: opened, path: name.path, isSignedIn: found !== undefined };
}

/** The login of who pushes, where the API takes that. */
async function ownLogin(
  context: ResourceContext,
  repository: string,
  kind: Inputs["kind"],
): Promise<CuratorLogin | undefined> {
  if (!metadataRules[kind].takesRegistryLogin) return undefined;
  const credentials = await context.services.registries.credentials(parseRepository(repository));
  const { username, password } = credentials ?? {};
  return username === undefined || password === undefined ? undefined : { username, password };
}

async function bring(context: ResourceContext, desired: Inputs, before?: State): Promise<Outputs> {
  return attempt(
    context,
    { gated: desired.gated, channel: nameOf(desired), before },
    () => set(context, desired),
    () => ({ page: before?.page ?? "" }),
  );
}

async function set(context: ResourceContext, desired: Inputs): Promise<Outputs> {
  const { api, path: place, isSignedIn } = await apiFor(context, desired);
  const asked = declaredFields(desired);
  let found = await api.find(place, asked);
  const missing = wantedOf(desired, found);
  if (Object.keys(missing).length > 0 && !isSignedIn) {
    const lack =
      `${api.place}: nobody says who may change ${place}: declare a curator` +
      (metadataRules[desired.kind].takesRegistryLogin ? ", or sign in to its registry" : "");
    if (!context.preview) throw new Error(lack);
    context.say("warning", `${lack}; an update needs that`);
  }
  if (context.preview) return outcomeOf(api, place, desired, { ...found, ...missing });
  if (found === undefined) {
    context.status(`making ${place} at ${api.place}`);
    await api.make(place, wantedOf(desired, undefined));
    found = await api.find(place, asked);
  }
  const left = wantedOf(desired, found);
  if (Object.keys(left).length > 0) {
    await api.change(place, left);
    found = await api.find(place, asked);
  }
  const others = Object.keys(wantedOf(desired, found)) as MetadataField[];
  if (others.length > 0) {
    throw new Error(
      `${api.place} took ${others.map((field) => words[field]).join(", ")} of ${place}, and shows another: look at ${api.page(place)}`,
    );
  }
  return outcomeOf(api, place, desired, found ?? {});
}

/** The fields that can be set and are not as they are declared. */
function wantedOf(desired: Inputs, found: RepositoryMetadata | undefined): RepositoryMetadata {
  const differing = settable(desired).filter((field) => !isSame(desired[field], found?.[field]));
  return Object.fromEntries(differing.map((field) => [field, desired[field]]));
}

function outcomeOf(api: MetadataApi, place: string, desired: Inputs, found: RepositoryMetadata): Outputs {
  const shown = {
    page: api.page(place),
    description: found.description,
    fullDescription: found.fullDescription,
    categories: found.categories && [...found.categories],
    visibility: found.visibility,
    immutableTags: found.immutableTags && [...found.immutableTags],
  };
  const byPeople = metadataRules[desired.kind].setByPeople.filter(
    (field) => desired[field] !== undefined && !isSame(desired[field], found[field]),
  );
  if (byPeople.length === 0) return { state: "served", ...shown };
  const wanted = byPeople
    .map((field) => `${words[field]} ${[desired[field]].flat().join(", ")}`)
    .join(" and ");
  return {
    state: "awaiting",
    reason: `somebody has to choose ${wanted} on ${api.page(place)}: ${api.place}'s API does not set them`,
    ...shown,
  };
}

/** What the registry shows now. */
async function seen(context: ResourceContext, inputs: Inputs, state: State): Promise<State> {
  if (state.state === "failed") return state;
  const { api, path: place } = await apiFor(context, inputs);
  const found = await api.find(place, declaredFields(inputs));
  const {
    description: _description,
    fullDescription: _fullDescription,
    categories: _categories,
    visibility: _visibility,
    immutableTags: _immutableTags,
    reason: _reason,
    awaitingSince: _since,
    ...rest
  } = state;
  if (found === undefined) {
    context.say("warning", putBack(`${nameOf(inputs)} is not there any more`));
    return { ...rest, state: "behind", reason: `${api.place} has it no more` };
  }
  sayDrift(context, inputs, state, found);
  return { ...rest, ...outcomeOf(api, place, inputs, found) };
}

/** Warns of each field that is not as it was left. */
function sayDrift(context: ResourceContext, inputs: Inputs, before: State, now: RepositoryMetadata): void {
  for (const field of settable(inputs)) {
    const [left, there] = [before[field], now[field]];
    if (left === undefined || isSame(left, there)) continue;
    const line = field === "fullDescription" ? firstDifference(String(there ?? ""), String(left)) : undefined;
    const where = line === undefined ? "" : `, from line ${line}`;
    context.say("warning", putBack(`somebody changed ${words[field]} of ${nameOf(inputs)}${where}`));
  }
}
