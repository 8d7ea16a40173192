import { digestOf } from "../oci/digest";
import type { TarEntry } from "../oci/layer/tar-reader";
import type { Descriptor } from "../oci/types";
import type { FileContent } from "./file-content";

/**
 * Entries that are kept, at most: those of some ten large bases, about 40 MB. A layer with more is
 * not kept.
 */
const mostEntries = 100_000;

/** An entry of a layer, and what its content says where it is a file. */
export interface LayerRecord extends Pick<TarEntry, "name" | "type" | "mode" | "linkname"> {
  readonly content?: FileContent;
  /** Bytes of the package list that it is. */
  readonly listBytes?: number;
}

/** A layer that is being read. */
export interface LayerReading {
  add(record: LayerRecord): void;
  /** All of it was read, and its digest is right. */
  finish(): void;
  /** It was not read to its end: who waits for it reads it. */
  giveUp(): void;
}

/**
 * What layers say that were read, for other images on the same base. A layer is known by its own
 * digest and those below it, since links below decide what its paths are.
 */
export class LayerMemory {
  private readonly layers = new Map<string, Promise<readonly LayerRecord[] | undefined>>();
  private readonly sizes = new Map<string, number>();
  private kept = 0;

  constructor(private readonly most = mostEntries) {}

  /**
   * Name of the layer that ends a stack.
   *
   * @param layers lowest first
   */
  static nameOf(layers: readonly Pick<Descriptor, "digest">[]): string {
    return digestOf(layers.map(({ digest }) => digest).join("\n"));
  }

  /**
   * What a layer says, as soon as it is read; undefined, or a promise of it, where it is to be read.
   * Who finds nothing begins to read before anything else is done.
   */
  known(name: string): Promise<readonly LayerRecord[] | undefined> | undefined {
    return this.layers.get(name);
  }

  /** Notes that a layer is being read: others wait for it. */
  reading(name: string): LayerReading {
    if (this.layers.has(name)) return { add: ignore, finish: ignore, giveUp: ignore };
    const records: LayerRecord[] = [];
    let tell: (records: readonly LayerRecord[] | undefined) => void = ignore;
    this.layers.set(name, new Promise((resolve) => (tell = resolve)));
    const giveUp = () => {
      this.layers.delete(name);
      tell(undefined);
    };
    return {
      add: (record) => {
        if (records.length <= this.most) records.push(record);
      },
      finish: () => {
        if (records.length > this.most) return giveUp();
        this.keep(name, records.length);
        tell(records);
      },
      giveUp,
    };
  }

  /** Counts what is kept; the oldest give way. */
  private keep(name: string, entries: number): void {
    this.sizes.set(name, entries);
    this.kept += entries;
    for (const [oldest, size] of this.sizes) {
      if (this.kept <= this.most) return;
      this.sizes.delete(oldest);
      this.layers.delete(oldest);
      this.kept -= size;
    }
  }
}

function ignore(): void {}
