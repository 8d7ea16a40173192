import { isDigest } from "../digest";
import { LayerContentError } from "./content-error";
import { whiteoutPrefix, type LayerFile } from "./entry";

/** The properties that say what a {@link LayerFile} is. */
const kinds = ["source", "content", "symlink", "directory", "remove"] as const;

/** Kind of a {@link LayerFile}. */
export type LayerFileKind = (typeof kinds)[number];

/** A {@link LayerFile} that was checked, its values normalized. */
export interface CheckedLayerFile {
  readonly kind: LayerFileKind;
  /** Absolute and normalized; `/` itself only for a directory as source. */
  readonly target: string;
  /** Whether the target was written with a slash at its end. */
  readonly targetIsDirectory: boolean;
  readonly source?: string;
  readonly content?: string;
  readonly symlink?: string;
  readonly mode?: number;
  readonly digest?: string;
  readonly uid: number;
  readonly gid: number;
}

/** Largest user or group number that a file can have: 2^32 - 1 means "no change" to chown. */
const maximumOwner = 0xffff_fffe;

/**
 * Checks what can be checked of a declaration without looking at the disk.
 *
 * @param field path of the declaration, e.g. `layers[0].files[2]`
 * @throws LayerContentError
 */
export function checkLayerFile(file: LayerFile, field: string): CheckedLayerFile {
  const kind = checkKind(file, field);
  const target = checkTarget(file.to, `${field}.to`);
  const targetIsDirectory = file.to.endsWith("/");
  if (target === "/" && kind !== "source") {
    throw new LayerContentError(
      `${field}.to`,
      file.to,
      "is the root of the image, which takes only the content of a directory",
      `"/app/hello"`,
    );
  }
  if (targetIsDirectory && kind !== "source" && kind !== "directory") {
    throw new LayerContentError(
      `${field}.to`,
      file.to,
      `ends with "/", but its content is not a directory: give its whole path`,
      `"${target}/hello"`,
    );
  }
  if (kind === "symlink" || kind === "remove") {
    if (file.mode !== undefined) {
      const reason =
        kind === "symlink" ? "is set on a symbolic link, which has no mode" : "is set on a removal";
      throw new LayerContentError(`${field}.mode`, file.mode, reason, "no mode at all");
    }
  }
  if (kind === "symlink") checkSymlink(file.symlink ?? "", `${field}.symlink`);
  if (kind === "source") checkSource(file.source ?? "", `${field}.source`);
  if (file.digest !== undefined) checkDigest(file.digest, kind, `${field}.digest`);
  return {
    kind,
    target,
    targetIsDirectory,
    source: file.source,
    content: file.content,
    symlink: file.symlink,
    digest: file.digest,
    mode: file.mode === undefined ? undefined : checkMode(file.mode, `${field}.mode`),
    uid: checkOwner(file.uid, `${field}.uid`),
    gid: checkOwner(file.gid, `${field}.gid`),
  };
}

function checkKind(file: LayerFile, field: string): LayerFileKind {
  const given = kinds.filter((kind) => file[kind] !== undefined && file[kind] !== false);
  if (given.length !== 1 || given[0] === undefined) {
    throw new LayerContentError(
      field,
      given,
      `has ${given.length === 0 ? "none" : given.length} of source, content, symlink, ` +
        "directory and remove; give exactly one",
      `{ "to": "/app/hello", "source": "dist/hello" }`,
    );
  }
  return given[0];
}

/**
 * Normalizes an absolute path in an image: no empty and no `.` components, no slash at its end.
 *
 * @throws LayerContentError
 */
export function checkTarget(target: string, field: string): string {
  const refuse = (reason: string, example = `"/app/hello"`): never => {
    throw new LayerContentError(field, target, reason, example);
  };
  if (typeof target !== "string" || target === "") return refuse("is not a path");
  if (!target.startsWith("/")) return refuse(`does not start with "/"`, JSON.stringify(`/${target}`));
  if (target.includes("\0")) return refuse("has a NUL character");
  if (!isUnicode(target)) return refuse("is not valid Unicode");
  const components = target.split("/").filter((part) => part !== "" && part !== ".");
  if (components.includes("..")) return refuse(`has a ".." component`);
  checkNames(components, field, target);
  return `/${components.join("/")}`;
}

/** Refuses names that would be read as whiteouts. */
export function checkNames(components: readonly string[], field: string, value: string): void {
  if (components.some((part) => part.startsWith(whiteoutPrefix))) {
    throw new LayerContentError(
      field,
      value,
      `has a name that starts with "${whiteoutPrefix}", which removes files of the layers ` +
        "below: declare that",
      `{ "to": "/etc/motd", "remove": true }`,
    );
  }
}

function checkSymlink(symlink: string, field: string): void {
  if (symlink === "" || symlink.includes("\0") || !isUnicode(symlink)) {
    throw new LayerContentError(field, symlink, "is not a target of a symbolic link", `"../lib/hello.so.1"`);
  }
}

function checkSource(source: string, field: string): void {
  if (source === "" || source.includes("\0")) {
    throw new LayerContentError(field, source, "is not a path", `"dist/hello"`);
  }
}

function checkDigest(digest: string, kind: LayerFileKind, field: string): void {
  if (kind === "source" && isDigest(digest)) return;
  const reason =
    kind === "source" ? "is not a SHA-256 digest" : `is set without "source", whose content it would check`;
  throw new LayerContentError(field, digest, reason, JSON.stringify(`sha256:${"0".repeat(64)}`));
}

function checkMode(mode: string, field: string): number {
  if (typeof mode !== "string" || !/^0?[0-7]{3,4}$/.test(mode)) {
    throw new LayerContentError(
      field,
      mode,
      "is not an octal mode of three or four digits, as a string",
      `"0755" or, with the setuid bit, "4755"`,
    );
  }
  return Number.parseInt(mode, 8);
}

function checkOwner(owner: number | undefined, field: string): number {
  if (owner === undefined) return 0;
  if (!Number.isInteger(owner) || owner < 0 || owner > maximumOwner) {
    throw new LayerContentError(field, owner, `is not a whole number from 0 to ${maximumOwner}`, "65532");
  }
  return owner;
}

/** Returns whether a text survives being written as UTF-8: it has no half of a surrogate pair. */
function isUnicode(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text;
}
