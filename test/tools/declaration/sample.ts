import type { Readable } from "node:stream";

interface Part {
  /** Bytes. */
  size: number;
}

interface Place {
  /** Where it is. */
  path: string;
}

interface Amount {
  /** How many. */
  count: number;
}

/** What the test of field comments reads. */
export interface Sample {
  /** A name. */
  name: string;
  undocumented?: number;
  /**
   * Parts, each with a size:
   * in bytes.
   */
  parts?: Part[];
  /** By name, a part or a list of parts. */
  named: Record<string, Place | Amount[]>;
  /** Not the project's own. */
  stream: Readable;
}
