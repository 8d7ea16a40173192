import { failure, notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { GitHubClient } from "../../../lib/github/client";
import { parseGitHubRepository } from "../../../lib/github/names";
import { Releases } from "../../../lib/github/releases";
import { repositoryRights, type RepositoryRights } from "../../../lib/github/rights";
import { durationText } from "../../../lib/text/duration";
import { gitHubReleaseDefinition } from "../../../resources/definitions/github-release";
import { githubToken } from "../../run/github-access";
import type { DeclaredResource } from "../declared";
import type { DoctorCheck } from "../check";
import type { InputsOf } from "../../run/resource";

/** Fewer requests than this are soon used up by a release. */
const fewRequests = 200;
/** A token that ends within this time, in milliseconds, is told of. */
const soonMs = 7 * 86_400_000;
/** Tokens of GitHub's apps, a workflow's own among them, whose rights no answer tells. */
const ofApps = /^ghs_/;

type Release = DeclaredResource<InputsOf<typeof gitHubReleaseDefinition>>;

/** Releases on GitHub: token, rights, what is left of the rate, and whether the tag's release is free or ours. */
export const gitHubCheck: DoctorCheck = {
  name: "GitHub",
  order: 50,
  questions: ({ declared }) =>
    declared.of(gitHubReleaseDefinition, "repository", "tag").map((release) => ({
      about: release.inputs.repository,
      ask: (signal) => asked(release, signal),
    })),
};

async function asked(release: Release, signal: AbortSignal): Promise<Answer[]> {
  const { inputs, account } = release;
  const token = githubToken(account.config);
  if (token === undefined) {
    return [
      failure(
        "there is no token, and only public data can be read without one",
        "Set GITHUB_TOKEN, or `token` of the release, a secret (`gh auth token` prints that of the command gh).",
      ),
    ];
  }
  const { endpoint } = account.config.github ?? {};
  const client = new GitHubClient({ ...(endpoint !== undefined && { endpoint }), token, signal });
  try {
    const repository = parseGitHubRepository(inputs.repository);
    const rights = await repositoryRights(client, repository);
    return [
      pushAnswer(rights, token),
      ...scopeAnswers(rights),
      ...timeAnswers(rights),
      ...(await nameAnswers(new Releases(client, repository), release)),
    ];
  } finally {
    await client.close();
  }
}

function pushAnswer({ canPush, isArchived }: RepositoryRights, token: string): Answer {
  if (isArchived)
    return failure("the repository is archived, and takes no releases", "Unarchive it, or name another one.");
  if (ofApps.test(token)) {
    return notAsked(
      "the token of an app or a workflow is taken; what it may write is told to nobody",
      "In a workflow it is `permissions` of the job: contents: write.",
    );
  }
  if (canPush === true) return ok("the token is taken, and its account may write to the repository");
  if (canPush === undefined)
    return notAsked("the token is taken; GitHub does not say what its account may do");
  return failure(
    "the token's account may not write to the repository",
    "Use a token of an account that may: classic with the scope `repo`, or fine-grained with `Contents: read and write`.",
  );
}

/** Tokens of the older kind have scopes; what a fine-grained one may is told to nobody. */
function scopeAnswers({ scopes }: RepositoryRights): Answer[] {
  if (scopes === undefined) return [];
  if (scopes.some((scope) => scope === "repo" || scope === "public_repo"))
    return [ok(`scopes: ${scopes.join(", ")}`)];
  return [
    failure(
      `the token has ${scopes.length === 0 ? "no scopes" : `the scopes ${scopes.join(", ")}`}, and none that writes releases`,
      "Make one with the scope `repo` (for public repositories `public_repo`).",
    ),
  ];
}

function timeAnswers({ tokenEndsAt, rate }: RepositoryRights): Answer[] {
  const answers: Answer[] = [];
  if (tokenEndsAt !== undefined) {
    const leftMs = tokenEndsAt - Date.now();
    const until = `the token ends at ${new Date(tokenEndsAt).toISOString()}`;
    answers.push(
      leftMs < soonMs ? warning(`${until}, in ${durationText(leftMs)}`, "Make a new one.") : ok(until),
    );
  }
  if (rate !== undefined) {
    const text = `${rate.left} of ${rate.limit} requests are left this hour`;
    const again = `There are all again at ${new Date(rate.resetsAt).toISOString()}.`;
    answers.push(rate.left < fewRequests && rate.left < rate.limit ? warning(text, again) : ok(text));
  }
  return answers;
}

async function nameAnswers(releases: Releases, { inputs, former }: Release): Promise<Answer[]> {
  const about = `${inputs.repository} ${inputs.tag}`;
  if (former?.tag === inputs.tag) return [{ about, ...ok("the release is this stack's") }];
  const found = await releases.find(inputs.tag);
  if (found === undefined) return [{ about, ...ok("there is no release of this tag") }];
  if (inputs.adopt === "draft" && !found.draft) {
    return [
      {
        about,
        ...failure(
          "somebody has published a release of this tag, and only a draft is taken over",
          "Give the release another version, or leave out `adopt`.",
        ),
      },
    ];
  }
  return [
    {
      about,
      ...warning(
        `there is ${found.draft ? "a draft" : "a release"} of this tag that this stack did not make`,
        "A preview says what would change of it; another version leaves it alone.",
      ),
    },
  ];
}
