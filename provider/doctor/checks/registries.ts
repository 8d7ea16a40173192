import { notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { failed } from "../../../lib/doctor/question";
import { parseAddress } from "../../../lib/oci/address";
import type { Capability } from "../../../lib/oci/registry/capability";
import type { RegistryKind } from "../../../lib/registry-kinds/kind";
import { formatRepository, parseRepository, type RepositoryName } from "../../../lib/oci/reference";
import type { Account } from "../account";
import type { DoctorCheck } from "../check";
import type { Declared } from "../declared";
import { sleepingRegistry } from "../sleeping-registry";

/** Types whose `repository` is written to. */
const written = [
  "slipway:oci:Image",
  "slipway:oci:Index",
  "slipway:oci:Manifest",
  "slipway:oci:Tags",
  "slipway:oci:Tag",
  "slipway:helm:Chart",
];

/** Repositories of one registry that one account writes to. */
interface Place {
  readonly registry: string;
  readonly account: Account;
  readonly repositories: Map<string, RepositoryName>;
}

/**
 * Registries that are written to: whether they answer, take the credentials, and let each repository be pushed to. An
 * upload is begun and canceled for that.
 */
export const registriesCheck: DoctorCheck = {
  name: "registry",
  order: 30,
  questions: ({ declared, project }) =>
    placesOf(declared).map((place) => ({
      about: place.registry,
      ask: async (signal) => (await sleepingRegistry(project, place.registry)) ?? asked(place, signal),
    })),
};

/** Which repositories are written to, by registry and account. */
function placesOf(declared: Declared): Place[] {
  const places = new Map<string, Map<Account, Place>>();
  const add = (text: unknown, account: Account) => {
    if (typeof text !== "string") return;
    const repository = parseRepository(text);
    const { registry } = repository;
    const ofRegistry = places.get(registry) ?? new Map<Account, Place>();
    places.set(registry, ofRegistry);
    const place = ofRegistry.get(account) ?? { registry, account, repositories: new Map() };
    ofRegistry.set(account, place);
    place.repositories.set(formatRepository(repository), repository);
  };
  for (const { inputs, account } of declared.ofTypes(...written)) add(inputs.repository, account);
  for (const { inputs, account } of declared.ofTypes("slipway:oci:Mirror")) {
    if (typeof inputs.target !== "string") continue;
    const target = parseAddress(inputs.target);
    if (target.kind === "registry") add(formatRepository(target.repository), account);
  }
  return [...places.values()].flatMap((ofRegistry) => [...ofRegistry.values()]);
}

async function asked({ account, repositories }: Place, signal: AbortSignal): Promise<readonly Answer[]> {
  const { registries: client } = await account.services();
  const [first] = repositories.values();
  if (first === undefined) return [];
  // What is wrong with the host is told once, and not for each of its repositories.
  await client.checkAccess(first);
  const trials = await Promise.all(
    [...repositories].map(async ([about, repository]): Promise<Answer & { readonly about: string }> => {
      try {
        const { keptWith } = await client.tryUpload(repository, signal);
        return keptWith === undefined
          ? { about, ...ok("may be pushed to: an upload was started and canceled") }
          : {
              about,
              ...warning(
                `may be pushed to: an upload was started, and the registry does not cancel it (${keptWith})`,
                "Nothing was sent; the registry ends it by itself after a time.",
              ),
            };
      } catch (error) {
        return { about, ...failed(error) };
      }
    }),
  );
  const isOpen = trials.some(({ status }) => status !== "failure");
  return [ok("answers, and takes the credentials"), ...trials, ...(isOpen ? await capabilities(first) : [])];

  async function capabilities(repository: RepositoryName): Promise<Answer[]> {
    const { referrers, deletion, mounting, isThere } = await client.capabilities(repository, signal);
    const about = `${repository.registry} (can)`;
    const kind = client.kindOf(repository.registry);
    const canBegin = trials.find((one) => one.about === formatRepository(repository))?.status !== "failure";
    const told = [
      answerTo("referrers API", referrers),
      answerTo("deletion of manifests", deletion),
      answerTo("mounting of blobs", mounting),
      answerTo("several tags by one request", "not known"),
      repositoriesAnswer(kind, !isThere && canBegin),
      ...(kind ? [ok(`${kind.name}: ${kind.limits.join("; ")}; takes ${kind.login}`)] : []),
    ];
    return told.map((answer) => ({ ...answer, about }));
  }
}

function answerTo(what: string, capability: Capability): Answer {
  if (capability === "not known") return notAsked(`${what}: known after the first push`);
  return ok(`${what}: ${capability === "not allowed" ? "not for this account" : capability}`);
}

/**
 * Whether repositories have to be there before a push.
 *
 * @param hasBegun whether an upload was begun to one that has nothing in it
 */
function repositoriesAnswer(kind: RegistryKind | undefined, hasBegun: boolean): Answer {
  if (kind?.madeFirst) return ok(`repositories: before the first push has to be made ${kind.madeFirst.what}`);
  if (kind !== undefined) return ok("repositories: made by the first push");
  if (hasBegun) return ok("repositories: an upload to one with nothing in it may begin");
  return notAsked("repositories: whether a push makes them is known after the first push to another one");
}
