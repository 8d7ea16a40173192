import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { addToRepository, type AddedPackage } from "../../lib/channels/apt/repository";
import { packageStanza } from "../../lib/channels/apt/stanza";
import { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { writeSite } from "../../lib/channels/site/write-site";
import { digestOf } from "../../lib/oci/digest";
import { EngineProject } from "../../test/support/engine";
import { childrenProcessorTime } from "../processor-time";
import { ProcessWatch } from "../scale/process-watch";

const architectures = ["amd64", "arm64"];

/** What adding a version came to. */
export interface Added {
  readonly seconds: number;
  /** User and system time of all processes, in seconds. */
  readonly processorSeconds: number;
  /** Highest resident memory of the provider, in bytes. */
  readonly peakBytes: number;
}

/**
 * Writes a repository with that many versions for two architectures, as runs would have left it. In
 * place of the packages there are named pipes: a run that opened one would wait for good.
 */
export async function writeGrownRepository(
  folder: string,
  armoredKey: string,
  versions: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (versions === 0) return;
  const key = await SigningKey.read(armoredKey, undefined);
  const added = Array.from({ length: versions }, (_, patch) =>
    architectures.map((one) => packageOf(patch, one)),
  );
  const change = await addToRepository(
    folder,
    {
      name: "app",
      suites: ["stable", "testing"],
      component: "main",
      origin: "Acme",
      label: "Acme",
      keepMs: 86_400_000,
      takeOver: false,
    },
    added.flat(),
    key,
    { suites: {}, files: {}, superseded: {} },
    new Date(),
  );
  const isPackage = ({ path: file }: { path: string }) => file.startsWith("pool/");
  const pipes = change.fixed.filter(isPackage).map(({ path: file }) => path.join(folder, file));
  await mkdir(path.dirname(pipes[0] ?? folder), { recursive: true });
  await promisify(execFile)("mkfifo", pipes);
  const fixed = change.fixed.filter((file) => !isPackage(file));
  await writeSite(folder, { fixed, pointers: change.pointers }, () => Promise.resolve(undefined));
}

function packageOf(patch: number, architecture: string): AddedPackage {
  const fields = [
    "Package: app",
    `Version: 0.1.${patch}`,
    `Architecture: ${architecture}`,
    "Maintainer: Acme <releases@acme.example>",
    "Installed-Size: 5120",
    "Depends: libc6 (>= 2.34), adduser",
    "Section: utils",
    "Priority: optional",
    "Homepage: https://acme.example/app",
    "Description: Says its version\n And more than one line about it, as packages have.",
  ];
  const digest = digestOf(`${patch} ${architecture}`);
  const stanza = packageStanza(`${fields.join("\n")}\n`, { component: "main", digest, size: 2_500_000 });
  return { stanza, file: "/nowhere" };
}

/** Adds a version to a copy of a repository, by `pulumi up` in a new project. */
export async function addVersion(repository: string, key: string, expected: number): Promise<Added> {
  const project = await EngineProject.create({ program: program(key) });
  try {
    await copyTree(repository, path.join(project.directory, "apt"));
    await writeFile(path.join(project.directory, "app"), Buffer.alloc(5_000_000, "some program\n"));
    const before = await childrenProcessorTime();
    const start = process.hrtime.bigint();
    const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    const watch = new ProcessWatch(child.pid ?? 0);
    const [code] = (await once(child, "close")) as [number | null];
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { provider } = await watch.spent();
    if (code !== 0) throw new Error(text());
    const index = await project.read("apt/dists/stable/main/binary-amd64/Packages");
    const listed = index.split("\n").filter((line) => line.startsWith("Package: ")).length;
    if (listed !== expected)
      throw new Error(`the index has ${listed} packages, and ${expected} are expected`);
    return {
      seconds,
      processorSeconds: (await childrenProcessorTime()) - before,
      peakBytes: provider.peakBytes,
    };
  } finally {
    await project.remove();
  }
}

/** Copies a folder with named pipes in it, which `cp` of Node refuses. */
async function copyTree(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["-a", from, to]);
}

function program(key: string): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { AptPackage, AptRepository } from "@slipway";

const packages = ${JSON.stringify(architectures)}.map((architecture) =>
  new AptPackage("app-" + architecture, {
    path: "dist/app_" + architecture + ".deb",
    name: "app",
    version: "v1.0.0",
    platform: "linux/" + architecture,
    maintainer: "Acme <releases@acme.example>",
    description: "Says its version",
    files: [{ to: "/usr/bin/app", source: "app", mode: "0755" }],
  }),
);
new AptRepository("apt", {
  directory: "apt",
  name: "app",
  origin: "Acme",
  suites: ["stable", "testing"],
  key: pulumi.secret(${JSON.stringify(key)}),
  packages: packages.map(({ path, digest, size, control }) => ({ path, digest, size, control })),
});
`;
}
