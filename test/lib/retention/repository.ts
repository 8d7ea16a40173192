import type { HeldManifest, RepositoryContents } from "../../../lib/retention/contents";
import type { RetentionQuestion } from "../../../lib/retention/question";

/** A repository for questions about retention, made of images whose digests follow from their names. */
export class HeldRepository {
  readonly tags = new Map<string, string>();
  readonly manifests = new Map<string, HeldManifest>();
  readonly referrers = new Map<string, readonly string[]>();
  readonly absent = new Set<string>();

  /** An index with two platforms, and its tags. */
  image(name: string, tags: readonly string[] = [name]): this {
    const children = ["amd64", "arm64"].map((platform) => ({
      digest: held(`${name}/${platform}`),
      isIndex: false,
    }));
    this.manifests.set(held(name), { children });
    for (const tag of tags) this.tags.set(tag, held(name));
    return this;
  }

  /** What refers to a manifest, in a list under its tag. */
  list(subject: string, ...referrers: string[]): this {
    const list = held(`list of ${subject}`);
    this.tags.set(listTag(subject), list);
    this.manifests.set(list, {
      children: referrers.map((name) => ({ digest: held(name), isIndex: false })),
    });
    return this;
  }

  contents(further: Partial<RepositoryContents> = {}): RepositoryContents {
    const { tags, manifests, referrers, absent } = this;
    const listed = [...tags.keys()];
    return { listed, tags, manifests, referrers, absent, hasReferrersApi: false, incomplete: [], ...further };
  }
}

/** The digest of what has a name. */
export function held(name: string): string {
  const hex = Buffer.from(name).toString("hex");
  return `sha256:${hex.slice(0, 64).padEnd(64, "0")}`;
}

/** The tag of the list of what refers to something. */
export function listTag(subject: string): string {
  return held(subject).replace(":", "-");
}

/** A question with the usual names of tags. */
export function question(
  contents: RepositoryContents,
  {
    published,
    ...further
  }: Partial<Omit<RetentionQuestion, "published">> & {
    published?: Readonly<Record<string, string>>;
  },
): RetentionQuestion {
  const days = Object.entries(published ?? {}).map(
    ([version, day]) => [version, { day, digests: [] }] as const,
  );
  return {
    contents,
    names: [
      { kind: "version", prefix: "v", commit: ["version"] },
      { kind: "channel", name: "nightly", commit: ["short"] },
      { kind: "branch", prefix: "branch-" },
      { kind: "pullRequest" },
    ],
    rule: { versions: { majors: 3, after: "2y" } },
    notices: [],
    published: Object.fromEntries(days),
    seen: {},
    needs: new Set(),
    on: "2026-11-30",
    ...further,
  };
}
