import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { declaredRpm, type DeclaredRpm } from "../../lib/channels/rpm/declared-package";
import { writeRpm } from "../../lib/channels/rpm/package";
import { readRange } from "../../lib/channels/rpm/range";
import { listedRpm, rpmFragments } from "../../lib/channels/rpm/repodata";
import type { AddedRpm } from "../../lib/channels/rpm/repository";
import { resolveLayer } from "../../lib/oci/layer/resolve";
import { ended, type Ended } from "./apt";
import { toolPath } from "./tools";

/** A package that says which version it is, as it is declared. */
export function helloRpm(version: string, change: Partial<DeclaredRpm> = {}): DeclaredRpm {
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
export async function writtenRpm(
  folder: string,
  declared: DeclaredRpm,
  key: SigningKey,
  root = "/nowhere",
): Promise<AddedRpm> {
  const made = await declaredRpm(declared, (files) => resolveLayer(root, files, { overBase: false }));
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${declared.name}-${process.hrtime.bigint()}.rpm`);
  const written = await writeRpm(file, made, key);
  return { file, listed: listedRpm(rpmFragments(made, written, await readRange(file))) };
}

/** A machine with dnf in a folder: what it installs, knows and keeps is its own. */
export class DnfMachine {
  private constructor(
    private readonly folder: string,
    private readonly architecture: string,
  ) {}

  static async make(folder: string, architecture = "x86_64"): Promise<DnfMachine> {
    for (const name of ["repos", "log"]) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "dnf.conf"), "[main]\nskip_if_unavailable=0\n");
    return new DnfMachine(folder, architecture);
  }

  /** Puts a `.repo` file in place, as users do with what they have downloaded. */
  async repository(text: string): Promise<void> {
    await writeFile(join(this.folder, "repos/test.repo"), text);
  }

  /** Runs dnf, which asks for the lists anew. */
  dnf(...args: string[]): Promise<Ended> {
    const options = {
      reposdir: join(this.folder, "repos"),
      cachedir: join(this.folder, "cache"),
      logdir: join(this.folder, "log"),
      plugins: "0",
    };
    return ended(toolPath("dnf"), [
      `--config=${join(this.folder, "dnf.conf")}`,
      `--installroot=${join(this.folder, "root")}`,
      "--releasever=1",
      `--forcearch=${this.architecture}`,
      "--refresh",
      "-y",
      ...Object.entries(options).map(([name, value]) => `--setopt=${name}=${value}`),
      ...args,
    ]);
  }

  /** Text of a file that is installed. */
  file(path: string): Promise<string> {
    return readFile(join(this.folder, "root", path), "utf8");
  }
}
