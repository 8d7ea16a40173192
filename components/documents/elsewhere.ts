import * as pulumi from "@pulumi/pulumi";
import { ChannelGate, GitFiles, type GitFilesArgs } from "../../resources";
import type { DocumentFacts, DocumentTarget } from "../declaration/document";
import { placeOfRepository, type DocumentRepository } from "../declaration/document-repository";

/** A document that goes into another repository. */
export interface DocumentElsewhere extends DocumentTarget {
  readonly into: DocumentRepository;
}

/** Documents that are one commit. */
interface Commit {
  readonly name: string;
  readonly into: DocumentRepository;
  readonly documents: readonly DocumentElsewhere[];
}

/**
 * Declares the documents of other repositories: one commit a repository and branch. One that fails does not keep the others
 * from going on: a gate in the end fails the run.
 *
 * @param version that documents of the release are of
 */
export function createElsewhere(
  distribution: string,
  documents: readonly DocumentElsewhere[],
  version: string | undefined,
  facts: DocumentFacts,
  whenReleased: () => pulumi.Resource[],
  parent: pulumi.Resource,
): void {
  if (documents.length === 0) return;
  const made = commitsOf(distribution, documents).map((commit) => {
    const isOfRelease = commit.documents.every(isReleased);
    const resource = new GitFiles(
      commit.name,
      filesOf(distribution, commit, isOfRelease ? version : undefined, facts),
      { parent, dependsOn: isOfRelease ? whenReleased() : [] },
    );
    return { channel: `documents in ${placeOfRepository(commit.into)}`, resource };
  });
  new ChannelGate(
    `${distribution}-documents`,
    {
      channels: made.map(({ channel, resource: { state, reason, awaitingSince } }) => ({
        channel,
        state,
        reason,
        awaitingSince,
      })),
    },
    { parent },
  );
}

/** What stays at a version, what takes pre-releases and what has none are commits of their own. */
function commitsOf(distribution: string, documents: readonly DocumentElsewhere[]): Commit[] {
  const commits = new Map<string, Commit>();
  for (const document of documents) {
    const { remote, branch = "main" } = document.into;
    const place = branch === "main" ? remote : `${remote}#${branch}`;
    const kind = !isReleased(document) ? ":declaration" : document.prereleases === true ? ":prereleases" : "";
    const name = `${distribution}:documents@${place}${kind}`;
    const before = commits.get(name);
    commits.set(name, {
      name,
      into: before?.into ?? document.into,
      documents: [...(before?.documents ?? []), document],
    });
  }
  return [...commits.values()];
}

function isReleased({ follows = "release" }: DocumentTarget): boolean {
  return follows === "release";
}

function filesOf(
  distribution: string,
  { into, documents }: Commit,
  version: string | undefined,
  facts: DocumentFacts,
): GitFilesArgs {
  const { remote, branch, author, token, signingKey, signingPassphrase } = into;
  const files = documents.map((document) => {
    const { path, mode, takeOver } = document;
    const executable = mode === undefined ? undefined : (Number.parseInt(mode, 8) & 0o111) !== 0;
    return [path, { edits: document.edits(facts), executable, takeOver }] as const;
  });
  return {
    remote,
    branch,
    author,
    token: secretOf(token),
    signingKey: secretOf(signingKey),
    signingPassphrase: secretOf(signingPassphrase),
    files: Object.fromEntries(files),
    message: version === undefined ? undefined : `${distribution} ${version}`,
    version:
      version === undefined
        ? undefined
        : {
            value: version,
            ...into.versionIn,
            prereleases: documents.some(({ prereleases }) => prereleases === true),
          },
    gated: true,
  };
}

function secretOf(value: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}
