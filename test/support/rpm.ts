import { join } from "node:path";
import { writeRpm, type RpmPackage } from "../../lib/channels/rpm/package";
import { listedRpm } from "../../lib/channels/rpm/repodata";
import type { AddedRpm } from "../../lib/channels/rpm/repository";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { resolveLayer } from "../../lib/oci/layer/resolve";

/** A package that says which version it is. */
export async function helloRpm(version: string, architecture = "x86_64", text = ""): Promise<RpmPackage> {
  const files = [
    { to: "/usr/bin/hello", content: `#!/bin/sh\necho hello ${version} ${text}\n`, mode: "0755" },
    { to: "/etc/hello.yaml", content: "greeting: hello\n" },
    { to: "/usr/bin/hi", symlink: "hello" },
  ];
  const entries = await resolveLayer("/nowhere", files, { overBase: false });
  return {
    description: {
      name: "hello",
      version,
      release: "1",
      architecture,
      summary: "Says hello & <more>",
      description: "Says hello to the world.",
      license: "Apache-2.0",
      packager: "Acme <releases@acme.example>",
    },
    entries: entries.filter(({ type }) => type !== "directory"),
    configFiles: ["/etc/hello.yaml"],
  };
}

/** Writes a package to a folder and says what a repository wants to know of it. */
export async function writtenRpm(folder: string, declared: RpmPackage, key: SigningKey): Promise<AddedRpm> {
  const { name, version, architecture } = declared.description;
  const file = join(folder, `${name}-${version}.${architecture}-${process.hrtime.bigint()}.rpm`);
  return { file, listed: listedRpm(declared, await writeRpm(file, declared, key)) };
}
