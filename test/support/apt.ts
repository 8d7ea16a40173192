import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toolPath } from "./tools";

/** What a program said and how it ended. */
export interface Ended {
  code: number;
  /** Both outputs, in the order of each. */
  output: string;
}

/**
 * A machine with apt and dpkg in a folder: sources, lists, caches and installed packages are its
 * own, so that no root is needed and nothing of the machine that runs the test is touched.
 */
export class AptMachine {
  private constructor(readonly root: string) {}

  static async make(root: string, architecture: string): Promise<AptMachine> {
    const folders = [
      "etc/apt/sources.list.d",
      "etc/apt/trusted.gpg.d",
      "etc/apt/preferences.d",
      "etc/apt/apt.conf.d",
      "var/lib/apt/lists/partial",
      "var/cache/apt/archives/partial",
      "var/log/apt",
      "var/lib/dpkg/info",
      "var/lib/dpkg/updates",
      "var/lib/dpkg/triggers",
    ];
    for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, "var/lib/dpkg/status"), "");
    await writeFile(join(root, "apt.conf"), configuration(root, architecture));
    return new AptMachine(root);
  }

  /** Puts a source in place, as users do with what they have downloaded. */
  async source(text: string): Promise<void> {
    await writeFile(join(this.root, "etc/apt/sources.list.d/test.sources"), text);
  }

  /** Runs apt-get, or another program of apt. */
  apt(args: readonly string[], program = "apt-get"): Promise<Ended> {
    return ended(toolPath(program), args, { APT_CONFIG: join(this.root, "apt.conf") });
  }

  /** Versions that are installed, by name. */
  async installed(): Promise<Record<string, string>> {
    const { output } = await ended(toolPath("dpkg-query"), [
      `--admindir=${join(this.root, "var/lib/dpkg")}`,
      "-W",
      "-f",
      "${db:Status-Abbrev} ${Package} ${Version}\n",
    ]);
    const lines = output.split("\n").flatMap((line) => {
      const [status, name = "", version = ""] = line.split(/ +/);
      return status === "ii" ? [[name, version] as const] : [];
    });
    return Object.fromEntries(lines);
  }

  /** Text of a file that is installed. */
  file(path: string): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }

  /** Forgets what it has downloaded. */
  async forget(): Promise<void> {
    await rm(join(this.root, "var/lib/apt/lists"), { recursive: true, force: true });
    await rm(join(this.root, "var/cache/apt"), { recursive: true, force: true });
    await mkdir(join(this.root, "var/lib/apt/lists/partial"), { recursive: true });
    await mkdir(join(this.root, "var/cache/apt/archives/partial"), { recursive: true });
  }
}

/** It is read before what this machine has of its own, which then is looked for in the folder. */
function configuration(root: string, architecture: string): string {
  const dpkg = [`--root=${root}`, "--force-not-root", "--force-bad-path", "--force-architecture"];
  const options: [string, string][] = [
    ["Dir", `${root}/`],
    ["Dir::State::status", `${root}/var/lib/dpkg/status`],
    ["Dir::Bin::Methods", "/usr/lib/apt/methods"],
    ["Dir::Bin::dpkg", toolPath("dpkg")],
    ["APT::Architecture", architecture],
    ["APT::Architectures::", architecture],
    ["APT::Sandbox::User", ""],
    ["Acquire::http::Proxy", "DIRECT"],
    ["Acquire::Retries", "0"],
    ["Acquire::Languages", "none"],
    ...dpkg.map((option): [string, string] => ["DPkg::Options::", option]),
  ];
  return options.map(([name, value]) => `${name} ${JSON.stringify(value)};\n`).join("");
}

/** Runs a program to its end, whatever it says. */
export function ended(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", ...env } };
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}
