import { notAsked, ok, warning, failure, type Answer } from "../../../lib/doctor/finding";
import { parseRepository, dockerHub, type RepositoryName } from "../../../lib/oci/reference";
import { ApiError } from "../../../lib/json-api/api-error";
import { DockerHub, dockerHubApi } from "../../../lib/registries/docker-hub/hub";
import { metadataRules } from "../../../lib/registries/metadata-rules";
import { durationText } from "../../../lib/text/duration";
import { repositoryMetadataDefinition } from "../../../resources/definitions/repository-metadata";
import { hasUnknown } from "../../base/unknown";
import type { InputsOf } from "../../run/resource";
import type { Account } from "../account";
import type { DoctorCheck } from "../check";
import type { Declared, DeclaredResource } from "../declared";
import { dayOf } from "../../../lib/text/day";

/** A token that ends within this time, in milliseconds, is told of. */
const soonMs = 7 * 86_400_000;
/** Types whose `repository` is pushed to. */
const pushed = ["slipway:oci:Image", "slipway:oci:Index", "slipway:oci:Manifest", "slipway:oci:Tags"];
/** What Docker Hub's tokens have to have: each scope includes the lower ones. */
const scopes = ["repo:public_read", "repo:read", "repo:write", "repo:admin"];

type Shown = DeclaredResource<InputsOf<typeof repositoryMetadataDefinition>>;

/** What a token is for. */
type Use = "pushes" | "curates";

/** Tokens of Docker Hub: whether they are taken, what they may do, how old they are and when they end. */
export const tokensCheck: DoctorCheck = {
  name: "tokens",
  order: 35,
  questions: ({ declared }) => [
    ...publishersOf(declared).map(({ account, name }) => ({
      about: `${name.registry} (who pushes)`,
      ask: (signal: AbortSignal) => publisherAnswers(account, name, signal),
    })),
    ...curatorsOf(declared).map((one) => ({
      about: `${metadataRules[one.inputs.kind].name} (curator)`,
      ask: (signal: AbortSignal) => curatorAnswers(one, signal),
    })),
  ],
};

/** One repository on Docker Hub for each account that pushes there. */
function publishersOf(declared: Declared): { account: Account; name: RepositoryName }[] {
  const found = new Map<Account, RepositoryName>();
  for (const { inputs, account } of declared.ofTypes(...pushed)) {
    if (typeof inputs.repository !== "string") continue;
    const name = parseRepository(inputs.repository);
    if (name.registry === dockerHub && !found.has(account)) found.set(account, name);
  }
  return [...found].map(([account, name]) => ({ account, name }));
}

/** One resource for each login. */
function curatorsOf(declared: Declared): Shown[] {
  const found = new Map<string, Shown>();
  for (const one of declared.of(repositoryMetadataDefinition, "repository", "kind", "api", "login")) {
    const { login, kind, api } = one.inputs;
    if (login === undefined || hasUnknown(login)) continue;
    const key = JSON.stringify([kind, api, login.username, login.password]);
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

async function publisherAnswers(
  account: Account,
  name: RepositoryName,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const { registries } = await account.services();
  const { username, password } = (await registries.credentials(name)) ?? {};
  if (username === undefined || password === undefined) return [];
  const hub = new DockerHub({ username, password }, { address: new URL(dockerHubApi), signal });
  try {
    return await hubAnswers(hub, "pushes");
  } catch (error) {
    // The registry itself says whether it takes them.
    if (error instanceof ApiError) return [notAsked(error.message.split("\n")[0] ?? "")];
    throw error;
  } finally {
    await hub.close();
  }
}

async function curatorAnswers({ inputs, account }: Shown, signal: AbortSignal): Promise<readonly Answer[]> {
  const { kind, login, repository, api = dockerHubApi } = inputs;
  if (login === undefined) return [];
  const { registries } = await account.services();
  const own = await registries.credentials(parseRepository(repository));
  const isOne = own?.password === login.password;
  const answers = isOne
    ? [
        warning(
          "the token that pushes is that of the curator too: whoever gets it may delete and describe, not only push",
          "Give each a token of its own: to push, Read and Write are enough.",
        ),
      ]
    : [];
  if (kind !== "docker-hub") {
    const { name } = metadataRules[kind];
    return [
      ...answers,
      notAsked(`${name} tells nobody when a token was made, what it may do and when it ends`),
    ];
  }
  const { username = "", password } = login;
  const hub = new DockerHub({ username, password }, { address: new URL(api), signal });
  try {
    return [...answers, ...(await hubAnswers(hub, "curates"))];
  } finally {
    await hub.close();
  }
}

/**
 * What Docker Hub tells of the token that a client signs in with. Never the token.
 *
 * @throws ApiError where it is not taken
 */
export async function hubAnswers(hub: DockerHub, use: Use, now = Date.now()): Promise<Answer[]> {
  const { scopes: claimed, accessTokenId } = await hub.claims();
  const token = accessTokenId === undefined ? undefined : await hub.accessToken(accessTokenId);
  return [scopeAnswer(token?.scopes ?? claimed, use), ageAnswer(token, now)];
}

function scopeAnswer(found: readonly string[] | undefined, use: Use): Answer {
  const highest = Math.max(-1, ...(found ?? []).map((scope) => scopes.indexOf(scope)));
  const scope = scopes[highest];
  if (scope === undefined) return notAsked("the token is taken; Docker Hub does not say what it may do");
  const wanted = use === "pushes" ? "repo:write" : "repo:admin";
  if (highest < scopes.indexOf(wanted)) {
    return failure(
      `the token has ${scope}, and who ${use} needs ${wanted}`,
      use === "pushes" ? "Make one with Read and Write." : "Make one with Read, Write and Delete.",
    );
  }
  if (highest > scopes.indexOf(wanted)) {
    return warning(
      `the token has ${scope}, and who pushes needs ${wanted} alone: it may delete, too`,
      "Make one with Read and Write, and give the other as curator where something is to be described.",
    );
  }
  return ok(`the token has ${scope}, as it has to`);
}

function ageAnswer(
  token: { createdAt: string; expiresAt?: string | undefined } | undefined,
  now: number,
): Answer {
  const createdAt = Date.parse(token?.createdAt ?? "");
  if (token === undefined || Number.isNaN(createdAt)) {
    return notAsked("Docker Hub does not say when the token was made, and when it ends");
  }
  const made = `it was made ${durationText(now - createdAt)} ago`;
  const endsAt = Date.parse(token.expiresAt ?? "");
  if (Number.isNaN(endsAt)) return ok(`${made}, and does not end by itself`);
  if (endsAt - now > soonMs) return ok(`${made}, and ends on ${dayOf(new Date(endsAt))}`);
  return warning(
    `${made}, and ends in ${durationText(endsAt - now)}`,
    "Make another one, and put it in its place.",
  );
}
