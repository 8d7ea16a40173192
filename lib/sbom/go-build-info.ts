import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { executableHeaderSize, writableData, type ByteRange } from "./executable-data";

/** A module that a Go program was built from. */
export interface GoModule {
  /** Module path, e.g. `golang.org/x/text`. */
  readonly path: string;
  /** Semantic version with `v`; undefined where the toolchain knew none: `(devel)`, a folder. */
  readonly version?: string;
  /** Hash of the module's content as in `go.sum`, e.g. `h1:…`. */
  readonly sum?: string;
  /** The module that stands in its place. */
  readonly replace?: GoModule;
}

/** The linker's information about a Go program, as `go version -m` prints it. */
export interface GoBuildInfo {
  /** e.g. `go1.26.8`. */
  readonly goVersion: string;
  /** Package path of the main package. */
  readonly path?: string;
  readonly main?: GoModule;
  readonly modules: readonly GoModule[];
  /** Build settings by name, e.g. `GOARCH` and `vcs.revision`. */
  readonly settings: Readonly<Record<string, string>>;
}

const magic = Buffer.from("\xff Go buildinf:", "latin1");
const headerSize = 32;
const alignment = 16;
/** Strings are inline from Go 1.18 on; before, the header had pointers to them. */
const inlineFlag = 2;
/** The list of modules stands between two marks of this size. */
const markSize = 16;

/** More than any list of modules takes, in bytes: that of Kubernetes has 30 kB. */
const maximumInfoSize = 1024 * 1024;

/** Bytes of the length of a string, at most: seven bits in each, and the last of them are zero. */
const maximumLengthSize = 5;

/**
 * Programs inside of a program, at most, that are looked at before its own information is found.
 */
const maximumCandidates = 64;

/**
 * Finds the build information of a Go program while the program is read from its start to its end,
 * in one pass. It is in the writable data of an ELF, PE or Mach-O file, at a multiple of 16 bytes.
 *
 * Source: Go's package `debug/buildinfo`, the comment on the format.
 */
export class GoBuildInfoScanner {
  private inHeader = true;
  private ranges: readonly ByteRange[] = [];
  /**
   * Bytes not looked at yet, and where in the file they start; put together once there are as many
   * as are needed.
   */
  private pending: Buffer[] = [];
  private pendingSize = 0;
  private needed = executableHeaderSize;
  private offset = 0;
  private candidates = 0;
  private found: GoBuildInfo | undefined;
  private done = false;
  /** Whether it is a Go program of before 1.18, whose information cannot be read in one pass. */
  outdated = false;

  push(chunk: Buffer): void {
    if (this.done) return;
    this.pending.push(chunk);
    this.pendingSize += chunk.length;
    if (this.pendingSize >= this.needed) this.look();
  }

  /** The information; undefined for what is not a Go program. */
  finish(): GoBuildInfo | undefined {
    if (!this.done && this.inHeader) this.look();
    return this.found;
  }

  private look(): void {
    const bytes =
      this.pending.length === 1 ? (this.pending[0] ?? Buffer.alloc(0)) : Buffer.concat(this.pending);
    if (this.inHeader) {
      this.inHeader = false;
      this.ranges = writableData(bytes) ?? [];
      this.done = this.ranges.length === 0;
    }
    this.needed = 0;
    const position = this.scan(bytes);
    this.offset += position;
    // A copy: a slice would keep the whole chunk.
    const rest = this.done ? Buffer.alloc(0) : Buffer.from(bytes.subarray(position));
    this.pending = rest.length === 0 ? [] : [rest];
    this.pendingSize = rest.length;
  }

  /** Looks at bytes, and returns how many of them need not be looked at again. */
  private scan(bytes: Buffer): number {
    let position = 0;
    while (!this.done) {
      const at = bytes.indexOf(magic, position);
      if (at < 0) return Math.max(position, bytes.length - magic.length + 1);
      if (!this.mayBeAt(this.offset + at)) {
        position = at + 1;
        continue;
      }
      const info = this.parse(bytes.subarray(at));
      if (info instanceof Incomplete) {
        this.needed = info.size;
        return at;
      }
      if (info) this.found = info;
      if (info || ++this.candidates >= maximumCandidates || this.outdated) this.done = true;
      position = at + 1;
    }
    return position;
  }

  private mayBeAt(offset: number): boolean {
    if (offset % alignment !== 0) return false;
    return this.ranges.some(({ start, end }) => offset >= start && offset + headerSize <= end);
  }

  private parse(bytes: Buffer): GoBuildInfo | Incomplete | undefined {
    if (bytes.length < headerSize) return new Incomplete(headerSize);
    if (((bytes[15] ?? 0) & inlineFlag) === 0) {
      this.outdated = true;
      return undefined;
    }
    const version = inlineString(bytes, headerSize);
    if (!version || version instanceof Incomplete) return version;
    if (!/^(go|devel)/.test(version.text)) return undefined;
    const info = inlineString(bytes, version.end);
    if (!info || info instanceof Incomplete) return info;
    const framed = info.bytes.length > 2 * markSize;
    const text = framed ? info.bytes.toString("utf8", markSize, info.bytes.length - markSize) : "";
    return parseGoModuleInfo(version.text, text);
  }
}

/** How many bytes there have to be before it can be said what they are. */
class Incomplete {
  constructor(readonly size: number) {}
}

/** A string after its length as a varint; undefined where it is none. */
function inlineString(
  bytes: Buffer,
  start: number,
): { text: string; bytes: Buffer; end: number } | Incomplete | undefined {
  let length = 0;
  let position = start;
  for (let shift = 0; ; shift += 7, position++) {
    if (position - start >= maximumLengthSize) return undefined;
    const byte = bytes[position];
    if (byte === undefined) return new Incomplete(position + 1);
    length += (byte & 0x7f) * 2 ** shift;
    if (length > maximumInfoSize) return undefined;
    if (byte < 0x80) break;
  }
  const end = position + 1 + length;
  if (end > bytes.length) return new Incomplete(end);
  const content = bytes.subarray(position + 1, end);
  return { text: content.toString("utf8"), bytes: content, end };
}

/** Reads the list of modules and settings, one a line, fields separated by tabs. */
export function parseGoModuleInfo(goVersion: string, text: string): GoBuildInfo {
  let path: string | undefined;
  let main: GoModule | undefined;
  const modules: GoModule[] = [];
  const settings: Record<string, string> = {};
  let last: "main" | "module" | undefined;
  for (const line of text.split("\n")) {
    const [kind, first = "", second = "", third = ""] = line.split("\t");
    if (kind === "path") path = first;
    if (kind === "mod") {
      main = goModule(first, second, third);
      last = "main";
    }
    if (kind === "dep") {
      modules.push(goModule(first, second, third));
      last = "module";
    }
    if (kind === "=>") {
      const replace = goModule(first, second, third);
      const replaced = modules.at(-1);
      if (last === "main" && main) main = { ...main, replace };
      else if (replaced) modules[modules.length - 1] = { ...replaced, replace };
    }
    if (kind === "build") {
      const equals = first.indexOf("=");
      if (equals > 0) settings[first.slice(0, equals)] = unquoted(first.slice(equals + 1));
    }
  }
  return defined({ goVersion, path: nonEmpty(path), main, modules, settings });
}

function goModule(path: string, version: string, sum: string): GoModule {
  return defined({
    path,
    version: version !== "" && version !== "(devel)" ? version : undefined,
    sum: sum !== "" ? sum : undefined,
  });
}

/** Values with blanks are quoted as Go strings are. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
