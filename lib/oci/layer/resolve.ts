import { digestOf } from "../digest";
import { LayerContentError } from "./content-error";
import { checkLayerFile, type CheckedLayerFile } from "./declaration";
import { compareEntries, opaqueWhiteout, whiteoutPath, type LayerEntry, type LayerFile } from "./entry";
import { HashCache } from "./hash-cache";
import { openSourceRoot, readSource } from "./source-tree";

/** Options of {@link resolveLayer}. */
export interface ResolveLayerOptions {
  /**
   * Path of the declarations in the program, for messages; default `files`, e.g. `layers[0].files`.
   */
  field?: string;
  /** Digests remembered from earlier runs. */
  hashes?: HashCache;
  /**
   * Entries of the layers below that are assembled too, in order. A parent directory that one of
   * them declares keeps its mode and owner.
   */
  below?: readonly (readonly LayerEntry[])[];
  /**
   * Whether the layer lies over a base image (default true). Then the parents that are symbolic
   * links in common base images are left out: an entry for `/bin` would replace the link by an
   * empty directory.
   */
  overBase?: boolean;
}

/**
 * Parents that are symbolic links in Debian, Ubuntu, Fedora, Arch and others (merged `/usr`,
 * `/run`).
 */
const linksInBaseImages: ReadonlySet<string> = new Set([
  "/bin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/sbin",
  "/var/lock",
  "/var/run",
]);

/** Modes of well-known directories where they are not 0755 (Filesystem Hierarchy Standard 3.0). */
const parentModes: Readonly<Record<string, number>> = {
  "/root": 0o700,
  "/tmp": 0o1777,
  "/var/tmp": 0o1777,
};

/**
 * Turns the declared content of a layer into its entries, sorted as they will be in the archive.
 * Files are hashed, not kept in memory.
 *
 * Parent directories of what is declared are entries too (owner 0:0, mode 0755 unless the path is
 * known to have another one): left out, they would get whatever mode the extracting engine gives
 * them. A parent with another mode or owner is declared by `directory: true`. A removal brings no
 * parents.
 *
 * @param root directory that sources are relative to, and must lie in
 * @throws LayerContentError for the first declaration that cannot be.
 */
export async function resolveLayer(
  root: string,
  files: readonly LayerFile[],
  options: ResolveLayerOptions = {},
): Promise<LayerEntry[]> {
  const field = options.field ?? "files";
  const hashes = options.hashes ?? new HashCache();
  const checked = files.map((file, position) => checkLayerFile(file, `${field}[${position}]`));
  const layer = new LayerContent(field);
  const sourceRoot = checked.some((file) => file.kind === "source") ? await openSourceRoot(root) : undefined;
  for (const [position, file] of checked.entries()) {
    if (file.kind === "remove") {
      layer.remove(file.target, position);
    } else if (file.kind === "source" && sourceRoot) {
      const entries = await readSource(sourceRoot, file, `${field}[${position}]`, hashes);
      for (const entry of entries) layer.add(entry, false, position);
    } else {
      layer.add(declaredEntry(file), file.kind === "directory", position);
    }
  }
  layer.addParents(options.below ?? [], options.overBase ?? true);
  layer.addWhiteouts();
  return layer.sorted();
}

function declaredEntry(file: CheckedLayerFile): LayerEntry {
  const owner = { uid: file.uid, gid: file.gid };
  switch (file.kind) {
    case "symlink":
      return {
        path: file.target,
        type: "symlink",
        mode: 0o777,
        ...owner,
        size: 0,
        linkname: file.symlink ?? "",
      };
    case "directory":
      return { path: file.target, type: "directory", mode: file.mode ?? 0o755, ...owner, size: 0 };
    case "content":
    case "source":
    case "remove":
      return fileEntry(file.target, file.content ?? "", file.mode ?? 0o644, owner);
  }
}

function fileEntry(
  path: string,
  content: string,
  mode: number,
  owner: { uid: number; gid: number },
): LayerEntry {
  const bytes = Buffer.from(content, "utf8");
  return {
    path,
    type: "file",
    mode,
    ...owner,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  };
}

interface PlacedEntry {
  readonly entry: LayerEntry;
  /** Declaration that it comes from. */
  readonly position: number;
  /** Whether it was declared with `directory: true`. */
  readonly explicit: boolean;
}

/** The entries of one layer by path; a path has one entry. */
class LayerContent {
  private readonly placed = new Map<string, PlacedEntry>();
  /** Declaration by removed path. */
  private readonly removed = new Map<string, number>();

  constructor(private readonly field: string) {}

  add(entry: LayerEntry, explicit: boolean, position: number): void {
    const other = this.placed.get(entry.path);
    if (other === undefined) {
      this.placed.set(entry.path, { entry, position, explicit });
      return;
    }
    const bothDirectories = entry.type === "directory" && other.entry.type === "directory";
    if (!bothDirectories || (explicit && other.explicit))
      this.refuseDuplicate(entry.path, position, other.position);
    // Two sources may fill one directory; one that is declared for its mode or owner wins over
    // them.
    if (explicit) this.placed.set(entry.path, { entry, position, explicit });
    else if (!other.explicit && !sameMetadata(entry, other.entry)) {
      this.refuseDuplicate(entry.path, position, other.position);
    }
  }

  remove(path: string, position: number): void {
    const other = this.removed.get(path);
    if (other !== undefined) this.refuseDuplicate(path, position, other);
    this.removed.set(path, position);
  }

  addParents(below: readonly (readonly LayerEntry[])[], overBase: boolean): void {
    const known = new Map<string, LayerEntry>();
    for (const entry of below.flat()) {
      if (entry.type === "directory") known.set(entry.path, entry);
    }
    for (const { entry, position } of [...this.placed.values()]) {
      for (const parent of parentsOf(entry.path)) {
        const there = this.placed.get(parent);
        if (there !== undefined) {
          this.checkParent(entry.path, position, there);
        } else if (!overBase || !linksInBaseImages.has(parent) || known.has(parent)) {
          const { mode, uid, gid } = known.get(parent) ?? {
            mode: parentModes[parent] ?? 0o755,
            uid: 0,
            gid: 0,
          };
          const directory: LayerEntry = { path: parent, type: "directory", mode, uid, gid, size: 0 };
          this.placed.set(parent, { entry: directory, position, explicit: false });
        }
      }
    }
  }

  /**
   * Adds the whiteouts. A directory that is removed and then filled by this very layer gets an
   * opaque whiteout: next to the directory, a plain one would be lost in engines that write layers
   * straight to an overlay file system.
   */
  addWhiteouts(): void {
    for (const [path, position] of this.removed) {
      for (const parent of parentsOf(path)) {
        const there = this.placed.get(parent);
        if (there !== undefined) this.checkParent(path, position, there);
        const removedToo = this.removed.get(parent);
        if (removedToo !== undefined) {
          throw new LayerContentError(
            `${this.field}[${position}].to`,
            path,
            `is below ${parent}, which ${this.field}[${removedToo}] removes already`,
            "the directory alone",
          );
        }
      }
      const there = this.placed.get(path);
      if (there !== undefined && there.entry.type !== "directory") {
        this.refuseDuplicate(path, position, there.position);
      }
      const whiteout = there === undefined ? whiteoutPath(path) : `${path}/${opaqueWhiteout}`;
      const entry = fileEntry(whiteout, "", 0, { uid: 0, gid: 0 });
      this.placed.set(whiteout, { entry, position, explicit: false });
    }
  }

  sorted(): LayerEntry[] {
    return [...this.placed.values()].map(({ entry }) => entry).sort(compareEntries);
  }

  private checkParent(path: string, position: number, parent: PlacedEntry): void {
    if (parent.entry.type === "directory") return;
    const kind = parent.entry.type === "symlink" ? "symbolic link" : "file";
    throw new LayerContentError(
      `${this.field}[${position}].to`,
      path,
      `is below ${parent.entry.path}, which ${this.field}[${parent.position}] makes a ${kind}`,
      `"/app/hello" with "/app" being a directory`,
    );
  }

  private refuseDuplicate(path: string, position: number, other: number): never {
    throw new LayerContentError(
      `${this.field}[${position}].to`,
      path,
      `is already in the layer, from ${this.field}[${other}]: a layer has each path once; a ` +
        "later layer may replace it",
      `"/app/hello"`,
    );
  }
}

function sameMetadata(a: LayerEntry, b: LayerEntry): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function parentsOf(path: string): string[] {
  const components = path.split("/").slice(1, -1);
  return components.map((_, position) => `/${components.slice(0, position + 1).join("/")}`);
}
