/**
 * Limits of what a digest may lead to: indexes in indexes, what refers to them, and what refers to
 * that. All of it is held while it is copied, and who made the content, or lists it, decides how
 * much there is.
 */
export interface GraphLimits {
  /** Indexes inside of indexes; tools make one or two levels. */
  readonly depth: number;
  /** Manifests and indexes: thirty platforms with a hundred signatures and documents each. */
  readonly manifests: number;
  /** Bytes of all of them; one has some kilobytes, and may have 4 MiB. */
  readonly bytes: number;
}

export const graphLimits: GraphLimits = { depth: 32, manifests: 5_000, bytes: 32 * 1024 * 1024 };

/** Content that leads to more than is read. */
export class GraphLimitError extends Error {
  override readonly name = "GraphLimitError";
}

/** Counts what is read of one graph. After a limit was passed nothing more is let through. */
export class GraphBudget {
  private manifests = 0;
  private bytes = 0;
  private passed?: GraphLimitError;

  constructor(private readonly limits: GraphLimits = graphLimits) {}

  /** Before a manifest is read. @param depth indexes above it @throws GraphLimitError */
  enter(depth: number): void {
    if (this.passed) throw this.passed;
    if (depth > this.limits.depth) {
      this.refuse(`indexes are nested in more than ${this.limits.depth} levels`);
    }
  }

  /** Counts a manifest that was read. @param size in bytes @throws GraphLimitError */
  take(size: number): void {
    if (this.passed) throw this.passed;
    this.bytes += size;
    if (++this.manifests > this.limits.manifests) {
      this.refuse(`it leads to more than ${this.limits.manifests} manifests`);
    }
    if (this.bytes > this.limits.bytes) {
      this.refuse(`it leads to more than ${this.limits.bytes} bytes of manifests`);
    }
  }

  private refuse(reason: string): never {
    this.passed = new GraphLimitError(
      `${reason}, which no image does: look at what its registry lists there`,
    );
    throw this.passed;
  }
}
