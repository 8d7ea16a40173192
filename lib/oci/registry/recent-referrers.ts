import type { Descriptor } from "../types";

/** Subjects whose last looks are kept. */
const mostSubjects = 256;

/** A look at the referrers of a digest. */
interface Look {
  /** When it began, in milliseconds as `performance.now()` gives them. */
  readonly at: number;
  readonly entries: Promise<readonly Descriptor[]>;
}

/** The last looks at the referrers of digests, with what this process has added. */
export class RecentReferrers {
  /** By subject, and by the type that was asked for; "" for all. */
  private readonly looks = new Map<string, Map<string, Look>>();
  /** What was added, by subject and digest: a look that began before may not have it. */
  private readonly added = new Map<string, Map<string, Descriptor>>();

  /** Notes a look; one that fails is forgotten. */
  note(subject: string, artifactType: string | undefined, look: Look): void {
    const of = this.looks.get(subject) ?? new Map<string, Look>();
    const [oldest] = this.looks.keys();
    if (this.looks.size >= mostSubjects && oldest !== undefined) this.looks.delete(oldest);
    this.looks.set(subject, of.set(artifactType ?? "", look));
    look.entries.catch(() => of.delete(artifactType ?? ""));
  }

  /** Notes a referrer that was pushed and is listed. */
  add(subject: string, entry: Descriptor): void {
    const of = this.added.get(subject) ?? new Map<string, Descriptor>();
    this.added.set(subject, of.set(entry.digest, entry));
  }

  /** Forgets what is known of a subject. */
  forget(subject: string): void {
    this.looks.delete(subject);
    this.added.delete(subject);
  }

  /**
   * What a look found that began at a time or later, those of other types perhaps among them;
   * undefined where there was none.
   */
  since(time: number, subject: string, artifactType: string | undefined): Promise<Descriptor[]> | undefined {
    const of = this.looks.get(subject);
    const look = [of?.get(""), of?.get(artifactType ?? "")].find(
      (one) => one !== undefined && one.at >= time,
    );
    return look && this.withAdded(subject, look);
  }

  private async withAdded(subject: string, { entries }: Look): Promise<Descriptor[]> {
    return [...(await entries), ...(this.added.get(subject)?.values() ?? [])];
  }
}
