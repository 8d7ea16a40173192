/** What is inside an image, layer upon layer, as a container sees it. */

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
}

type Node<F> = FileNode<F> | LinkNode | OtherNode | DirectoryNode<F>;

/** More links than this on one path are a circle, as for Linux. */
const maximumLinks = 40;

const whiteout = ".wh.";
const opaqueWhiteout = ".wh..wh..opq";

/** What a whiteout names: a path to hide, or a directory whose content to hide. */
export interface Whiteout {
  readonly path: string;
  readonly opaque: boolean;
}

/** The whiteout that an entry of a layer stands for (image-spec/layer.md, "Whiteouts"); undefined for any other entry. */
export function whiteoutOf(path: string): Whiteout | undefined {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (name === opaqueWhiteout) return { path: path.slice(0, Math.max(slash, 0)), opaque: true };
  if (!name.startsWith(whiteout)) return undefined;
  return { path: path.slice(0, slash + 1) + name.slice(whiteout.length), opaque: false };
}

/**
 * Files of an image by path, to which layers are applied, the lowest first. A path goes through symbolic links as it
 * would in a container, so that no file is there twice. Paths are given and returned without a leading slash.
 */
export class FileTree<F> {
  private readonly root: DirectoryNode<F> = { kind: "directory", layer: 0, children: new Map() };

  addFile(path: string, layer: number, file: F): void {
    this.place(path, { kind: "file", layer, file });
  }

  addLink(path: string, layer: number, target: string): void {
    this.place(path, { kind: "link", layer, target });
  }

  /** Something that is neither file, link nor directory. */
  addOther(path: string, layer: number): void {
    this.place(path, { kind: "other", layer });
  }

  addDirectory(path: string, layer: number): void {
    const { parent, name } = this.parentOf(path, layer);
    const existing = parent.children.get(name);
    if (name === "") return;
    if (existing?.kind === "directory") existing.layer = layer;
    else parent.children.set(name, { kind: "directory", layer, children: new Map() });
  }

  /** Another name of a file. Returns whether there is such a file. */
  addHardLink(path: string, layer: number, target: string): boolean {
    const found = this.node(target);
    if (found?.kind !== "file") return false;
    this.place(path, { ...found, layer });
    return true;
  }

  /** Hides what lower layers have; what the layer itself has stays, in whichever order it comes. */
  hide({ path, opaque }: Whiteout, layer: number): void {
    const { parent, name } = this.parentOf(path, layer);
    const node = name === "" ? this.root : parent.children.get(name);
    if (!node) return;
    if (!opaque) {
      if (!keepOfLayer(node, layer)) parent.children.delete(name);
      return;
    }
    if (node.kind !== "directory") return;
    for (const [child, below] of node.children) if (!keepOfLayer(below, layer)) node.children.delete(child);
  }

  /** The path of a file in the tree, after links in it have been followed (all but the last part). */
  realPath(path: string): string {
    return [...this.realParent(path), path.slice(path.lastIndexOf("/") + 1)].join("/");
  }

  /** All files with their paths, sorted by path. */
  files(): [path: string, file: F][] {
    const found: [string, F][] = [];
    const walk = (directory: DirectoryNode<F>, prefix: string) => {
      for (const [name, node] of directory.children) {
        if (node.kind === "file") found.push([prefix + name, node.file]);
        else if (node.kind === "directory") walk(node, `${prefix}${name}/`);
      }
    };
    walk(this.root, "");
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  private place(path: string, node: Node<F>): void {
    const { parent, name } = this.parentOf(path, node.layer);
    if (name !== "") parent.children.set(name, node);
  }

  private node(path: string): Node<F> | undefined {
    let node: Node<F> | undefined = this.root;
    for (const part of this.realPath(path).split("/")) {
      node = node?.kind === "directory" ? node.children.get(part) : undefined;
    }
    return node;
  }

  /** The directory that a path is in, made where it is missing: archives need not list directories. */
  private parentOf(path: string, layer: number): { parent: DirectoryNode<F>; name: string } {
    let directory = this.root;
    for (const part of this.realParent(path)) {
      let next = directory.children.get(part);
      if (next?.kind !== "directory") {
        next = { kind: "directory", layer, children: new Map() };
        directory.children.set(part, next);
      }
      directory = next;
    }
    return { parent: directory, name: path.slice(path.lastIndexOf("/") + 1) };
  }

  private realParent(path: string): string[] {
    const pending = path.split("/").slice(0, -1);
    const real: string[] = [];
    let links = 0;
    while (pending.length > 0) {
      const part = pending.shift() ?? "";
      if (part === "" || part === ".") continue;
      if (part === "..") {
        real.pop();
        continue;
      }
      const node = this.childAt(real, part);
      if (node?.kind === "link" && ++links <= maximumLinks) {
        if (node.target.startsWith("/")) real.length = 0;
        pending.unshift(...node.target.split("/"));
      } else {
        real.push(part);
      }
    }
    return real;
  }

  private childAt(parents: readonly string[], name: string): Node<F> | undefined {
    let directory: Node<F> | undefined = this.root;
    for (const part of parents) {
      directory = directory?.kind === "directory" ? directory.children.get(part) : undefined;
    }
    return directory?.kind === "directory" ? directory.children.get(name) : undefined;
  }
}

/** Takes what is of lower layers out of a node. Returns whether anything is left of it. */
function keepOfLayer<F>(node: Node<F>, layer: number): boolean {
  if (node.kind !== "directory") return node.layer === layer;
  for (const [name, child] of node.children) if (!keepOfLayer(child, layer)) node.children.delete(name);
  return node.layer === layer || node.children.size > 0;
}
