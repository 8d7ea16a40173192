import { GitError } from "../../lib/git/errors";
import { addressBeside, gitAddress, isEmbeddedRemote, repositoryAt } from "../../lib/git/remote";
import { formatGitHubRepository, parseGitHubRepository } from "../../lib/github/names";
import type { PullRequest, PullRequestHead, PullRequests } from "../../lib/github/pull-requests";
import { defined } from "../../lib/objects/defined";
import { digestOf } from "../../lib/oci/digest";
import { bareVersion } from "../../lib/version/version";
import type { gitFilesDefinition } from "../../resources/definitions/git-files";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import type { InputsOf, OutputsOf } from "../run/resource";

type Inputs = InputsOf<typeof gitFilesDefinition>;
export type FoundPullRequest = NonNullable<OutputsOf<typeof gitFilesDefinition>["foundPullRequest"]>;

/** Files that are proposed by a pull request. */
export interface Proposal {
  readonly pulls: PullRequests;
  readonly head: PullRequestHead;
  /** Where the branch is pushed to, as git takes it. */
  readonly address: string;
  /** Whether that is a fork. */
  readonly isFork: boolean;
  readonly title: string;
  /** What is declared, in one digest, by which a pull request is told from one of other files. */
  readonly digest: string;
}

/** What is declared of a pull request; undefined where the files are committed to the branch itself. */
export function requested({ pullRequest }: Pick<Inputs, "pullRequest">) {
  if (pullRequest === undefined || pullRequest === false) return undefined;
  return pullRequest === true ? {} : pullRequest;
}

/** @throws InputError where it is not clear which repository of GitHub is asked */
export function refuseUnknownRepository(context: ResourceContext, inputs: Inputs): void {
  const request = requested(inputs);
  if (request === undefined) return;
  const refuse = (reason: string) => {
    throw new InputError([{ property: "pullRequest", reason }]);
  };
  if (isEmbeddedRemote(inputs.remote)) {
    refuse(
      `is opened on GitHub, and ${JSON.stringify(inputs.remote)} is a folder of this checkout: leave it out to try a ` +
        'release here, or give the repository\'s address (a valid example: "https://github.com/acme/homebrew-tap.git")',
    );
  }
  const { webHost } = context.services.github;
  if (request.repository === undefined && repositoryAt(inputs.remote, webHost) === undefined) {
    refuse(
      `is opened on ${webHost}, and ${JSON.stringify(inputs.remote)} does not say which repository that is there ` +
        '(a valid example: pullRequest: { repository: "acme/homebrew-tap" })',
    );
  }
}

/** How the declared files are proposed; undefined where they are committed to the branch itself. */
export async function proposalOf(context: ResourceContext, inputs: Inputs): Promise<Proposal | undefined> {
  const request = requested(inputs);
  if (request === undefined) return undefined;
  const { github, project } = context.services;
  const { PullRequests } = await import("../../lib/github/pull-requests.js");
  const declared = request.repository === undefined ? undefined : parseGitHubRepository(request.repository);
  const repository = declared ?? repositoryAt(inputs.remote, github.webHost) ?? { owner: "", name: "" };
  const fork = request.fork === undefined ? undefined : parseGitHubRepository(request.fork);
  return {
    pulls: new PullRequests(await github.client(context.signal, inputs.token), repository),
    head: { repository: fork ?? repository, branch: request.branch ?? branchOf(inputs) },
    address: forkAddress(inputs, project) ?? gitAddress(inputs.remote, project),
    isFork: fork !== undefined,
    title: titleOf(inputs),
    digest: proposalDigest(inputs),
  };
}

/** Address of the fork, as git takes it; undefined for none. */
export function forkAddress(inputs: Inputs, project: string): string | undefined {
  const { fork } = requested(inputs) ?? {};
  if (fork === undefined) return undefined;
  return gitAddress(addressBeside(inputs.remote, parseGitHubRepository(fork)), project);
}

/** What is declared to be proposed, in one digest. */
export function proposalDigest(inputs: Inputs): string {
  const { body } = requested(inputs) ?? {};
  const files = Object.entries(inputs.desired ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(Buffer.from(JSON.stringify([files, titleOf(inputs), body ?? ""]), "utf8"));
}

/** The text of a pull request, with the digest, which no reader sees, at its end. */
export function bodyOf(inputs: Inputs, digest: string, supersedes: number | undefined): string {
  const { body } = requested(inputs) ?? {};
  const parts = [
    body,
    supersedes === undefined ? undefined : `Supersedes #${supersedes}.`,
    `<!-- slipway ${digest} -->`,
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

/** Whether a pull request has what is declared. */
export function isOf({ body }: PullRequest, { digest }: Pick<Proposal, "digest">): boolean {
  return body.includes(`<!-- slipway ${digest} -->`);
}

/**
 * The one that counts of a branch's pull requests: an open one, or the newest, if it has what is
 * declared.
 *
 * @param known number of the one that the state has
 */
export function current(
  found: readonly PullRequest[],
  proposal: Pick<Proposal, "digest">,
  known?: number,
): PullRequest | undefined {
  return (
    found.find(({ state }) => state === "open") ??
    found.find((one) => isOf(one, proposal)) ??
    found.find(({ number }) => number === known)
  );
}

/** A pull request as the state has it. */
export function foundPullRequest(
  { number, url, state }: PullRequest,
  branch: string,
  version: string | undefined,
): FoundPullRequest {
  return defined({ number, url, state, branch, version });
}

/** Why the files wait. */
export function waiting({ number, url }: Pick<PullRequest, "number" | "url">): string {
  return `pull request #${number} is open: ${url}`;
}

/** Why they wait no more. */
export function declined(
  { number, url }: Pick<PullRequest, "number" | "url">,
  { branch }: { branch: string },
): string {
  return (
    `pull request #${number} was closed without a merge: ${url}. See there why; then change what is declared, which ` +
    `opens another one, or open it again there (branch ${branch})`
  );
}

/** Brings a fork to where the repository is, so that the commit is on top of what the fork has. */
export async function syncFork(
  { pulls, head: { repository }, address }: Proposal,
  branch: { headOf(address: string, branch: string): Promise<string | undefined>; readonly branch: string },
  head: string | undefined,
): Promise<boolean> {
  if ((await branch.headOf(address, branch.branch)) === head) return true;
  await pulls.sync(repository, branch.branch);
  const after = await branch.headOf(address, branch.branch);
  if (after === undefined) {
    throw new GitError(`the fork ${formatGitHubRepository(repository)} has no branch ${branch.branch}`, "");
  }
  return after === head;
}

function titleOf({ message, files, pullRequest }: Inputs): string {
  const { title } = requested({ pullRequest }) ?? {};
  return title ?? message?.split("\n")[0] ?? `Update ${Object.keys(files).sort().join(", ")}`.slice(0, 256);
}

/** A branch for what is proposed: each version has one, so that what became of it is found again. */
function branchOf({ files, version }: Inputs): string {
  const file = version?.file ?? Object.keys(files).sort()[0] ?? "";
  const stem = file.slice(file.lastIndexOf("/") + 1).replace(/^\.+|\.[^.]*$/g, "");
  const words = [stem, ...(version === undefined ? [] : [bareVersion(version.value)])].join("-");
  return `slipway/${words
    .replace(/[^A-Za-z0-9._+-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/[.-]+$|\.lock$/g, "")}`;
}
