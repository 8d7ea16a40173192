import { defined } from "../objects/defined";
import { shortDigest } from "../oci/digest";
import type { TarEntry } from "../oci/layer/tar-reader";
import type { UnpackLimit } from "../oci/layer/unpack-limit";
import type { FileContent } from "./file-content";
import { readFileContent } from "./file-content";
import { FileTree, whiteoutOf } from "./file-tree";
import { readLayer, withinLimits, type LayerSource } from "./layer-entries";
import { LayerMemory, type LayerRecord } from "./layer-memory";
import { ImageLimitError, imageLimits, type ImageLimits } from "./limits";
import { OwnProgramList, type OwnPrograms } from "./own-programs";
import { packageList, type InventoryPackage } from "./package-list";
import type { OperatingSystem } from "./packages/declared-package";
import { SbomError } from "./sbom-error";
import type { ImageSubject } from "./subject";

/** A file of an image. */
export interface InventoryFile {
  /** In the image, without a leading slash. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly sha256: string;
  readonly sha1: string;
}

/** Content of one platform's image. */
export interface Inventory {
  readonly operatingSystem?: OperatingSystem;
  /** Sorted by path. */
  readonly files: readonly InventoryFile[];
  /** Sorted by package URL. */
  readonly packages: readonly InventoryPackage[];
  /**
   * Package lists of kinds that are not read, each with its path: what they list is not in
   * `packages`. Sorted.
   */
  readonly unread: readonly string[];
}

/** How an inventory is taken. */
export interface InventoryOptions {
  /** Called before each layer with its number, from 1 on, and how many there are. */
  onLayer?: (layer: number, layers: number) => void;
  signal?: AbortSignal;
  /** Limits that differ from {@link imageLimits}. */
  limits?: Partial<ImageLimits>;
  /** {@link unpackLimit} of each layer unless given. */
  unpack?: UnpackLimit;
  /** Layers that were read for other images, and are not read again. */
  memory?: LayerMemory;
  /** What is declared of the programs that are the maker's own. */
  own?: OwnPrograms | undefined;
}

/**
 * Reads all layers of an image, one after the other, each once. Memory grows with the number of
 * files, not with the size of layers or files.
 *
 * @throws SbomError for a layer that is not an archive of files, and for an image that passes a
 * limit
 */
export async function takeInventory(
  repository: LayerSource,
  image: ImageSubject,
  options: InventoryOptions = {},
): Promise<Inventory> {
  const limits = { ...imageLimits, ...options.limits };
  const tree = new FileTree<FileContent>(limits);
  const budget = new PackageBudget(limits);
  const { memory = new LayerMemory(0) } = options;
  for (const [index, descriptor] of image.layers.entries()) {
    options.onLayer?.(index + 1, image.layers.length);
    const place = ({ name, type, linkname, content }: LayerRecord) => {
      const path = normalized(name);
      const hidden = whiteoutOf(path);
      if (hidden) tree.hide(hidden, index);
      else if (content) {
        budget.take(content);
        tree.addFile(path, index, content);
      } else if (type === "directory") tree.addDirectory(path, index);
      else if (type === "symlink") tree.addLink(path, index, linkname);
      else if (type === "link") {
        if (!tree.addHardLink(path, index, normalized(linkname))) {
          throw new SbomError(
            `layer ${descriptor.digest} of ${repository.name} has ${path} as a link to ${linkname}, which is not there`,
          );
        }
      } else tree.addOther(path, index);
    };
    const layer = LayerMemory.nameOf(image.layers.slice(0, index + 1));
    const pending = memory.known(layer);
    const known = pending && (await pending);
    if (known) {
      options.signal?.throwIfAborted();
      withinLimits(`layer ${shortDigest(descriptor.digest)} of ${repository.name}`, () => {
        for (const record of known) {
          budget.takeList(record.listBytes ?? 0);
          place(record);
        }
      });
      continue;
    }
    const reading = memory.reading(layer);
    try {
      await readLayer(
        repository,
        descriptor,
        async (entry) => {
          const record = await recordOf(entry, tree, (bytes) => budget.takeList(bytes));
          place(record);
          reading.add(record);
        },
        options,
      );
      reading.finish();
    } catch (error) {
      reading.giveUp();
      throw error;
    }
  }
  const files = withinLimits(`the image of ${repository.name}`, () => tree.files());
  const system = operatingSystemOf(files);
  const own = options.own && new OwnProgramList(options.own, (path) => tree.realPath(normalized(path)));
  return defined({
    operatingSystem: system,
    files: files.map(([path, { size, mode, sha256, sha1 }]) => ({ path, size, mode, sha256, sha1 })),
    packages: packageList(files, system, own),
    unread: files.flatMap(([path, { unread }]) => (unread ? [`${unread}: /${path}`] : [])),
  });
}

/** What there is to know of an entry; a file's content is read. */
async function recordOf(
  { name, type, mode, linkname, content }: TarEntry,
  tree: FileTree<FileContent>,
  takeList: (bytes: number) => void,
): Promise<LayerRecord> {
  const path = normalized(name);
  const record = { name, type, mode, linkname };
  if (type !== "file" || whiteoutOf(path)) return record;
  let listBytes: number | undefined;
  const read = await readFileContent(tree.realPath(path), mode, content, (bytes) => {
    takeList((listBytes = bytes));
  });
  return { ...record, content: read, listBytes };
}

/** `/etc/os-release` goes before `/usr/lib/os-release` (os-release(5)); the files are sorted. */
function operatingSystemOf(files: readonly (readonly [string, FileContent])[]): OperatingSystem | undefined {
  for (const [, { declaration }] of files) {
    if (declaration?.operatingSystem) return declaration.operatingSystem;
  }
  return undefined;
}

/** A path without a leading slash, `.`, `..` and empty parts. */
function normalized(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Counts what package lists and programs of an image say, which stays in memory. */
class PackageBudget {
  private packages = 0;
  private text = 0;
  private listBytes = 0;

  constructor(private readonly limits: ImageLimits) {}

  /**
   * Counts a list that is about to be read: reading takes time, whatever it finds.
   *
   * @throws ImageLimitError
   */
  takeList(bytes: number): void {
    this.listBytes += bytes;
    if (this.listBytes > this.limits.packageFileBytes) {
      throw new ImageLimitError(`has more than ${this.limits.packageFileBytes} bytes of package lists`);
    }
  }

  /** @throws ImageLimitError */
  take({ declaration, program }: FileContent): void {
    this.packages += (declaration?.packages?.length ?? 0) + (program?.modules.length ?? 0);
    if (this.packages > this.limits.packages) {
      throw new ImageLimitError(`declares more than ${this.limits.packages} packages`);
    }
    if (declaration || program) this.text += JSON.stringify([declaration, program]).length;
    if (this.text > this.limits.packageText) {
      throw new ImageLimitError(`says more than ${this.limits.packageText} characters of its packages`);
    }
  }
}
