import type { Repository } from "../oci/repository";
import type { FileContent } from "./file-content";
import { readFileContent } from "./file-content";
import { FileTree, whiteoutOf } from "./file-tree";
import { readLayer } from "./layer-entries";
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

/** What one platform's image contains. */
export interface Inventory {
  readonly operatingSystem?: OperatingSystem;
  /** Sorted by path. */
  readonly files: readonly InventoryFile[];
  /** Sorted by package URL. */
  readonly packages: readonly InventoryPackage[];
  /** Package lists of kinds that are not read, each with its path: what they list is not in `packages`. Sorted. */
  readonly unread: readonly string[];
}

/** How an inventory is taken. */
export interface InventoryOptions {
  /** Called before each layer with its number, from 1 on, and how many there are. */
  onLayer?: (layer: number, layers: number) => void;
  signal?: AbortSignal;
}

/**
 * Reads all layers of an image, one after the other, each once. Memory grows with the number of files, not with the
 * size of layers or files.
 *
 * @throws SbomError for a layer that is no archive of files
 */
export async function takeInventory(
  repository: Repository,
  image: ImageSubject,
  options: InventoryOptions = {},
): Promise<Inventory> {
  const tree = new FileTree<FileContent>();
  for (const [index, descriptor] of image.layers.entries()) {
    options.onLayer?.(index + 1, image.layers.length);
    await readLayer(
      repository,
      descriptor,
      async (entry) => {
        const { name, type, mode, linkname } = entry.header;
        const path = normalized(name);
        const hidden = whiteoutOf(path);
        if (hidden) tree.hide(hidden, index);
        else if (type === "file" || type === "contiguous-file") {
          tree.addFile(path, index, await readFileContent(tree.realPath(path), mode ?? 0o644, entry));
        } else if (type === "directory") tree.addDirectory(path, index);
        else if (type === "symlink") tree.addLink(path, index, linkname ?? "");
        else if (type === "link") {
          if (!tree.addHardLink(path, index, normalized(linkname ?? ""))) {
            throw new SbomError(
              `layer ${descriptor.digest} of ${repository.name} has ${path} as a link to ${linkname}, which is no file`,
            );
          }
        } else tree.addOther(path, index);
      },
      options.signal,
    );
  }
  const files = tree.files();
  const system = operatingSystemOf(files);
  return {
    ...(system ? { operatingSystem: system } : {}),
    files: files.map(([path, { size, mode, sha256, sha1 }]) => ({ path, size, mode, sha256, sha1 })),
    packages: packageList(files, system),
    unread: files.flatMap(([path, { unread }]) => (unread ? [`${unread}: /${path}`] : [])),
  };
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
