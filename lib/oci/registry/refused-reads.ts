/** A read that was answered with 401 or 403. */
export interface RefusedRead {
  /** Path of the repository. */
  path: string;
  /** What was asked for: a tag or a digest; none for a list. */
  references: readonly string[];
  status: number;
  /** User who has signed in, as far as known. */
  username?: string | undefined;
}

/**
 * What a refusal means: `absent`, that the registry says so of what is not there; `unsaid`, that it
 * says nothing of the whole repository, as long as nothing has been pushed to it; undefined, that the
 * account is not allowed to read it.
 */
export type RefusalMeaning = "absent" | "unsaid" | undefined;

/** Questions of {@link RefusedReads} to the registry. */
export interface RefusalQuestions {
  /** The tags of a repository. @throws where it does not tell */
  tags(path: string): Promise<readonly string[]>;
  /** Whether the registry itself, as opposed to the repository, takes the credentials in use. */
  takesCredentials(path: string): Promise<boolean>;
}

interface KnownRepository {
  /** Whether any question about it was answered, with yes or no. */
  answers: boolean;
  /** Whether something was pushed to it. */
  written: boolean;
  /** Its tags, asked for once; undefined where it does not tell them. */
  tags?: Promise<ReadonlySet<string> | undefined>;
}

/**
 * Tells which refusals of one registry mean that something is not there. Some registries answer 403
 * for a tag that does not exist, or 401 for all of a repository until the first push makes it, and
 * clients that have signed in are to push all the same. A refusal counts as "no" only where the
 * registry answers other questions about the repository, or where the push will show the truth.
 */
export class RefusedReads {
  private readonly repositories = new Map<string, KnownRepository>();
  private readonly said = new Set<string>();

  /**
   * @param registry host, for messages
   * @param onAssumed gets what is taken for granted, each once
   */
  constructor(
    private readonly registry: string,
    private readonly questions: RefusalQuestions,
    private readonly onAssumed: (text: string) => void = () => undefined,
  ) {}

  /** Notes that a question about a repository was answered, with yes or no. */
  answered(path: string): void {
    this.of(path).answers = true;
  }

  /** Notes that something was pushed to a repository. */
  written(path: string): void {
    this.of(path).written = true;
  }

  /** Returns what a refusal of a client that has signed in means. */
  async meaning({ path, references, status }: RefusedRead): Promise<RefusalMeaning> {
    const known = this.of(path);
    known.tags ??= this.questions.tags(path).then(
      (tags) => new Set(tags),
      () => undefined,
    );
    const tags = await known.tags;
    if (references.some((reference) => tags?.has(reference))) return undefined;
    if (tags || known.answers) return "absent";
    if (status !== 401 || known.written || !(await this.questions.takesCredentials(path))) return undefined;
    return "unsaid";
  }

  /** Tells that something is taken as not there, once for each repository. */
  tell(meaning: "absent" | "unsaid", { path, status, username }: RefusedRead): void {
    const key = `${meaning} ${path}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    const name = `${this.registry}/${path}`;
    const who = username === undefined ? "the account" : `user ${JSON.stringify(username)}`;
    this.onAssumed(
      meaning === "absent"
        ? `${this.registry} answers HTTP ${status} for what is not in ${name}: it counts as not there`
        : `${this.registry} does not say whether ${name} is there (HTTP ${status}): it counts as not there, and the ` +
            `push will show it. If it is there, ${who} has no right to read it.`,
    );
  }

  private of(path: string): KnownRepository {
    let known = this.repositories.get(path);
    if (!known) this.repositories.set(path, (known = { answers: false, written: false }));
    return known;
  }
}
