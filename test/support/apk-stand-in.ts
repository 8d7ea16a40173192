import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { inflateRawSync } from "node:zlib";
import type { ApkMachine } from "./apk-machine";
import { ended, type Ended } from "./apt";
import { toolPath } from "./tools";

/**
 * A stand-in for apk, which cannot be had from package registries: it believes what apk believes
 * (apk-tools, doc/apk-v2.5 and src/extract_v2.c), with programs that are not ours: openssl verifies, tar
 * unpacks. It has no dependencies, and runs no scripts.
 */
export class StandInApk implements ApkMachine {
  private url = "";
  private readonly installed = new Map<string, string>();

  private constructor(
    private readonly folder: string,
    private readonly architecture: string,
  ) {}

  static async make(folder: string, architecture: string): Promise<StandInApk> {
    for (const name of ["work", "root/etc/apk/keys"]) await mkdir(join(folder, name), { recursive: true });
    return new StandInApk(folder, architecture);
  }

  trust(name: string, publicKey: string): Promise<void> {
    return writeFile(join(this.keys, name), publicKey);
  }

  repository(url: string): Promise<void> {
    this.url = url;
    return Promise.resolve();
  }

  async apk(command: string, ...names: string[]): Promise<Ended> {
    const wanted = command === "upgrade" ? [...this.installed.keys()] : names;
    try {
      const index = await this.index();
      for (const one of wanted) await this.install(one, index);
      return { code: 0, output: "" };
    } catch (error) {
      return { code: 1, output: (error as Error).message };
    }
  }

  file(path: string): Promise<string> {
    return readFile(join(this.folder, "root", path), "utf8");
  }

  private get keys(): string {
    return join(this.folder, "root/etc/apk/keys");
  }

  private async index(): Promise<IndexPackage[]> {
    const [signature, signed] = await this.fetched("APKINDEX.tar.gz", 2);
    await this.verify("APKINDEX.tar.gz", signature ?? "", signed ?? "");
    const text = await this.member(signed ?? "", "APKINDEX");
    return text
      .split("\n\n")
      .filter((one) => one.trim() !== "")
      .map((one) => {
        const field = (name: string) => new RegExp(`^${name}:(.*)$`, "m").exec(one)?.[1] ?? "";
        return { name: field("P"), version: field("V"), identity: field("C"), size: Number(field("S")) };
      });
  }

  private async install(wanted: string, index: readonly IndexPackage[]): Promise<void> {
    const [name = "", exact] = wanted.split("=");
    const found = index
      .filter((one) => one.name === name && (exact === undefined || one.version === exact))
      .sort((a, b) => compareVersions(b.version, a.version))[0];
    if (!found) throw new Error(`${wanted} (no such package)`);
    const before = this.installed.get(name);
    if (exact === undefined && before !== undefined && compareVersions(found.version, before) <= 0) return;
    const file = `${name}-${found.version}.apk`;
    const [, control = "", data = ""] = await this.fetched(file, 3);
    const identity = `Q1${createHash("sha1")
      .update(await readFile(control))
      .digest("base64")}`;
    const [information, hash] = [await this.member(control, ".PKGINFO"), sha256(await readFile(data))];
    if (identity !== found.identity || !information.includes(`datahash = ${hash}\n`))
      throw new Error(`${file}: package file format error or BAD signature`);
    await this.tar("-xzf", data, "-C", join(this.folder, "root"));
    this.installed.set(name, found.version);
  }

  /** Downloads a file and takes it apart into its gzip members; returns files with these. */
  private async fetched(name: string, count: number): Promise<string[]> {
    const response = await fetch(`${this.url}/${this.architecture}/${name}`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    let rest = Buffer.from(await response.arrayBuffer());
    const files: string[] = [];
    while (rest.length > 0) {
      const { engine } = inflateRawSync(rest.subarray(10), { info: true }) as unknown as {
        engine: { bytesWritten: number };
      };
      const end = 10 + engine.bytesWritten + 8;
      const file = join(this.folder, "work", `${files.length}-${basename(name)}`);
      await writeFile(file, rest.subarray(0, end));
      files.push(file);
      rest = rest.subarray(end);
    }
    if (files.length !== count) throw new Error(`${name}: ${files.length} segments instead of ${count}`);
    return files;
  }

  private async verify(name: string, signature: string, signed: string): Promise<void> {
    const entries = (await this.tar("-tzf", signature)).trim().split("\n");
    const known = new Set(await readdir(this.keys));
    const keyOf = (entry: string) => /^\.SIGN\.RSA256\.(.+\.rsa\.pub)$/.exec(entry)?.[1] ?? "";
    const entry = entries.find((one) => known.has(keyOf(one)));
    if (entry === undefined) throw new Error(`${name}: UNTRUSTED signature`);
    await this.tar("-xzf", signature, "-C", join(this.folder, "work"));
    const { code } = await ended(toolPath("openssl"), [
      "dgst",
      "-sha256",
      "-verify",
      join(this.keys, keyOf(entry)),
      "-signature",
      join(this.folder, "work", entry),
      signed,
    ]);
    if (code !== 0) throw new Error(`${name}: BAD signature`);
  }

  private member(file: string, name: string): Promise<string> {
    return this.tar("-xzOf", file, name);
  }

  /** A segment alone has no end of an archive, which tar says and goes on. */
  private async tar(...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath("tar"), [
      "--no-same-owner",
      "--warning=no-unknown-keyword",
      ...args,
    ]);
    if (code !== 0) throw new Error(output);
    return output;
  }
}

interface IndexPackage {
  readonly name: string;
  readonly version: string;
  readonly identity: string;
  readonly size: number;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const suffixes = ["alpha", "beta", "pre", "rc"];

/** Order of versions of numbers, one suffix of a pre-release and a revision (apk-tools, src/version.c). */
function compareVersions(a: string, b: string): number {
  const parts = (text: string): number[] => {
    const [, numbers = "", suffix, count = "0", revision = "0"] =
      /^([\d.]+)(?:_([a-z]+)(\d*))?-r(\d+)$/.exec(text) ?? [];
    const kind = suffix === undefined ? suffixes.length : suffixes.indexOf(suffix);
    return [...numbers.split(".").map(Number), kind, Number(count), Number(revision)];
  };
  const [left, right] = [parts(a), parts(b)];
  const index = left.findIndex((part, at) => part !== right[at]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}
