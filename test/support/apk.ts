import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { declaredApk, type DeclaredApk } from "../../lib/channels/apk/declared-package";
import { indexText, parseEntry } from "../../lib/channels/apk/index-entry";
import { writeApk, type ApkSigner } from "../../lib/channels/apk/package";
import type { AddedApk } from "../../lib/channels/apk/repository";
import { resolveLayer } from "../../lib/oci/layer/resolve";
import type { ApkMachine } from "./apk-machine";
import { StandInApk } from "./apk-stand-in";
import { ended, type Ended } from "./apt";
import { findTool, toolPath } from "./tools";

/** A package that says which version it is, as it is declared. */
export function helloApk(version: string, change: Partial<DeclaredApk> = {}): DeclaredApk {
  return {
    name: "hello",
    version,
    platform: "linux/amd64",
    maintainer: "Acme <releases@acme.example>",
    description: "Says hello & <more>\nIt says so to the world.",
    license: "Apache-2.0",
    files: [
      { to: "/usr/bin/hello", content: `#!/bin/sh\necho hello ${version}\n`, mode: "0755" },
      { to: "/etc/hello.yaml", content: "greeting: hello\n" },
      { to: "/usr/bin/hi", symlink: "hello" },
    ],
    ...change,
  };
}

/** Writes a package to a folder and says what a repository wants to know of it. */
export async function writtenApk(
  folder: string,
  declared: DeclaredApk,
  signer: ApkSigner,
  root = "/nowhere",
): Promise<AddedApk> {
  const made = await declaredApk(declared, (files) => resolveLayer(root, files, { overBase: false }));
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${declared.name}-${process.hrtime.bigint()}.apk`);
  const written = await writeApk(file, made, signer);
  return { file, digest: written.digest, entry: parseEntry(await indexText(made, written, file)) };
}

/** Makes a key that signs packages, as PEM. */
export async function apkKey(bits = 2048): Promise<string> {
  const { code, output } = await ended(toolPath("openssl"), ["genrsa", String(bits)]);
  if (code !== 0) throw new Error(output);
  return output.slice(output.indexOf("-----BEGIN"));
}

/** One with apk itself where the machine has it, else with a stand-in. */
export function apkMachine(folder: string, architecture = "x86_64"): Promise<ApkMachine> {
  return findTool("apk") === undefined
    ? StandInApk.make(folder, architecture)
    : RealApk.make(folder, architecture);
}

class RealApk implements ApkMachine {
  private constructor(
    private readonly root: string,
    private readonly architecture: string,
  ) {}

  static async make(root: string, architecture: string): Promise<RealApk> {
    for (const folder of ["etc/apk/keys", "lib/apk/db", "var/cache/apk"])
      await mkdir(join(root, folder), { recursive: true });
    for (const file of ["etc/apk/world", "etc/apk/repositories", "lib/apk/db/installed"])
      await writeFile(join(root, file), "");
    await writeFile(join(root, "etc/apk/arch"), `${architecture}\n`);
    return new RealApk(root, architecture);
  }

  trust(name: string, publicKey: string): Promise<void> {
    return writeFile(join(this.root, "etc/apk/keys", name), publicKey);
  }

  repository(url: string): Promise<void> {
    return writeFile(join(this.root, "etc/apk/repositories"), `${url}\n`);
  }

  apk(...args: string[]): Promise<Ended> {
    const options = [
      "--root",
      this.root,
      "--arch",
      this.architecture,
      "--no-cache",
      "--no-scripts",
      "--no-interactive",
    ];
    return ended(toolPath("apk"), [...options, ...args]);
  }

  file(path: string): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }
}
