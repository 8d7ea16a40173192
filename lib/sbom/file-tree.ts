import { ImageLimitError, imageLimits, type ImageLimits } from "./limits";

/** Content of an image, layer upon layer, as a container sees it. */

/** A regular file. Hard links to it are the same object under other paths. */
export interface FileNode<F> {
  readonly kind: "file";
  readonly layer: number;
  readonly file: F;
}

interface LinkNode {
  readonly kind: "link";
  readonly layer: number;
  readonly target: string;
}

/** A device, a pipe: it hides what was there, and is no content. */
interface OtherNode {
  readonly kind: "other";
  readonly layer: number;
}

interface DirectoryNode<F> {
  readonly kind: "directory";
  layer: number;
  readonly children: Map<string, Node<F>>;
  /**
   * The layer that has, or made, everything that is in it now: there is nothing of lower layers
   * left to hide.
   */
  cleanedBy: number;
}

type Node<F> = FileNode<F> | LinkNode | OtherNode | DirectoryNode<F>;

/** A directory in a path: what is there now, if anything. */
interface Resolved<F> {
  /** Names of the directories, after links. */
  readonly names: string[];
  /** Content of each of them; the root goes before, so there is one more. */
  readonly nodes: (Node<F> | undefined)[];
}

/** More links than this on one path are a circle, as for Linux. */
const maximumLinks = 40;

const whiteout = ".wh.";
const opaqueWhiteout = ".wh..wh..opq";
/** What AUFS kept for itself at the top of a layer, such as content that hard links name. */
const ofAufs = ".wh..wh.";

/** Target of a whiteout: a path to hide, or a directory whose content to hide. */
export interface Whiteout {
  readonly path: string;
  readonly opaque: boolean;
}

/**
 * The whiteout that an entry of a layer stands for (image-spec/layer.md, "Whiteouts"); undefined
 * for any other entry.
 */
export function whiteoutOf(path: string): Whiteout | undefined {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (name === opaqueWhiteout) return { path: path.slice(0, Math.max(slash, 0)), opaque: true };
  if (!name.startsWith(whiteout) || path.startsWith(ofAufs)) return undefined;
  return { path: path.slice(0, slash + 1) + name.slice(whiteout.length), opaque: false };
}

/**
 * Files of an image by path, to which layers are applied, the lowest first. A path goes through
 * symbolic links as it would in a container, so that no file is in it twice. Paths are given and
 * returned without a leading slash.
 *
 * All work is bounded by the limits, whatever the layers hold: each method walks a path once,
 * without recursion, and throws ImageLimitError where that is more than any image needs.
 */
export class FileTree<F> {
  private readonly root: DirectoryNode<F> = newDirectory(0);
  private readonly limits: ImageLimits;
  private entries = 0;
  private steps = 0;
  private text = 0;

  constructor(limits: Partial<ImageLimits> = {}) {
    this.limits = { ...imageLimits, ...limits };
  }

  addFile(path: string, layer: number, file: F): void {
    this.place(path, { kind: "file", layer, file });
  }

  addLink(path: string, layer: number, target: string): void {
    this.checkLength(target);
    this.place(path, { kind: "link", layer, target });
    this.count(target.length);
  }

  /** Something that is neither file, link nor directory. */
  addOther(path: string, layer: number): void {
    this.place(path, { kind: "other", layer });
  }

  addDirectory(path: string, layer: number): void {
    const { parent, name } = this.parentOf(path, layer);
    if (name === "") return;
    const existing = parent.children.get(name);
    if (existing?.kind === "directory") existing.layer = layer;
    else this.put(parent, name, newDirectory(layer));
  }

  /**
   * Another name of a file, a symbolic link or a device. Returns whether there is such a one; a
   * directory has one name only.
   */
  addHardLink(path: string, layer: number, target: string): boolean {
    const { nodes } = this.resolve(target);
    const parent = nodes.at(-1);
    const found = parent?.kind === "directory" ? parent.children.get(lastPart(target)) : undefined;
    if (!found || found.kind === "directory") return false;
    this.place(path, { ...found, layer });
    return true;
  }

  /** Hides what lower layers have; what the layer itself has stays, in whichever order it comes. */
  hide({ path, opaque }: Whiteout, layer: number): void {
    const { parent, name } = this.parentOf(path, layer);
    const node = name === "" ? this.root : parent.children.get(name);
    if (!node) return;
    if (node.kind === "directory") this.clean(node, layer);
    if (!opaque && name !== "" && !isLeft(node, layer)) parent.children.delete(name);
  }

  /**
   * The path of a file in the tree, after links in it have been followed (all but the last part).
   */
  realPath(path: string): string {
    return [...this.resolve(path).names, lastPart(path)].join("/");
  }

  /** All files with their paths, sorted by path. */
  files(): [path: string, file: F][] {
    const found: [string, F][] = [];
    const pending: { directory: DirectoryNode<F>; prefix: string }[] = [{ directory: this.root, prefix: "" }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      for (const [name, node] of next.directory.children) {
        const path = next.prefix + name;
        if (path.startsWith(ofAufs)) continue;
        if (node.kind === "directory") pending.push({ directory: node, prefix: `${path}/` });
        if (node.kind !== "file") continue;
        this.count(path.length);
        found.push([path, node.file]);
      }
    }
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  private place(path: string, node: Node<F>): void {
    const { parent, name } = this.parentOf(path, node.layer);
    if (name !== "") this.put(parent, name, node);
  }

  private put(parent: DirectoryNode<F>, name: string, node: Node<F>): void {
    if (++this.entries > this.limits.entries) {
      throw new ImageLimitError(`has more than ${this.limits.entries} files, directories and links`);
    }
    this.count(name.length);
    parent.children.set(name, node);
  }

  /**
   * The directory that a path is in, made where it is missing: archives need not list directories.
   */
  private parentOf(path: string, layer: number): { parent: DirectoryNode<F>; name: string } {
    const { names, nodes } = this.resolve(path);
    let parent = this.root;
    for (const [index, name] of names.entries()) {
      const known = nodes[index + 1];
      if (known?.kind === "directory") parent = known;
      else {
        const made = newDirectory<F>(layer);
        this.put(parent, name, made);
        // What was known further on was below something that is not a directory.
        nodes.length = index + 1;
        parent = made;
      }
    }
    return { parent, name: lastPart(path) };
  }

  /**
   * The directories that a path leads through, links followed; the last part of it is left alone.
   */
  private resolve(path: string): Resolved<F> {
    this.checkLength(path);
    const pending = path.split("/").reverse();
    pending.shift();
    const names: string[] = [];
    const nodes: (Node<F> | undefined)[] = [this.root];
    let length = 0;
    let links = 0;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      this.step();
      if (part === "" || part === ".") continue;
      if (part === "..") {
        const left = names.pop();
        if (left === undefined) continue;
        length -= left.length + 1;
        nodes.pop();
        continue;
      }
      const directory = nodes.at(-1);
      const node = directory?.kind === "directory" ? directory.children.get(part) : undefined;
      if (node?.kind === "link" && ++links <= maximumLinks) {
        if (node.target.startsWith("/")) {
          length = names.length = 0;
          nodes.length = 1;
        }
        pending.push(...node.target.split("/").reverse());
      } else {
        names.push(part);
        nodes.push(node);
        length += part.length + 1;
        if (length > this.limits.pathLength) throw this.tooLong();
      }
    }
    return { names, nodes };
  }

  /**
   * Takes what is of lower layers out of a directory. Each directory is looked through once in a
   * layer.
   */
  private clean(top: DirectoryNode<F>, layer: number): void {
    const frames: { directory: DirectoryNode<F>; name: string; rest: Iterator<[string, Node<F>]> }[] = [];
    const open = (directory: DirectoryNode<F>, name: string) => {
      if (directory.cleanedBy !== layer) frames.push({ directory, name, rest: directory.children.entries() });
    };
    open(top, "");
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const { directory, name, rest } = frame;
      const next = rest.next();
      if (next.done) {
        directory.cleanedBy = layer;
        frames.pop();
        if (!isLeft(directory, layer)) frames.at(-1)?.directory.children.delete(name);
        continue;
      }
      this.step();
      const [childName, child] = next.value;
      if (child.kind === "directory") open(child, childName);
      else if (!isLeft(child, layer)) directory.children.delete(childName);
    }
  }

  private step(): void {
    if (++this.steps > this.limits.steps) {
      throw new ImageLimitError(`has paths that take more than ${this.limits.steps} steps to follow`);
    }
  }

  private count(characters: number): void {
    this.text += characters;
    if (this.text > this.limits.text) {
      throw new ImageLimitError(`has more than ${this.limits.text} characters of names`);
    }
  }

  private checkLength(path: string): void {
    if (path.length > this.limits.pathLength) throw this.tooLong();
  }

  private tooLong(): ImageLimitError {
    return new ImageLimitError(
      `has a path of more than ${this.limits.pathLength} characters, which no system could unpack`,
    );
  }
}

/** A directory that a layer makes: nothing of a lower one is in it. */
function newDirectory<F>(layer: number): DirectoryNode<F> {
  return { kind: "directory", layer, children: new Map(), cleanedBy: layer };
}

/** Returns whether something is of a layer, or has something of it. */
function isLeft<F>(node: Node<F>, layer: number): boolean {
  return node.layer === layer || (node.kind === "directory" && node.children.size > 0);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
