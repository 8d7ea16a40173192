import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { packageControl, writeDebianPackage } from "../../lib/channels/apt/deb";
import { debianPackage, type DeclaredPackage } from "../../lib/channels/apt/package";
import type { AddedPackage } from "../../lib/channels/apt/repository";
import { packageStanza } from "../../lib/channels/apt/stanza";
import { resolveLayer } from "../../lib/oci/layer/resolve";

/** A package that says which version it is, as it is declared. */
export function helloPackage(version: string, architecture = "amd64"): DeclaredPackage {
  return {
    control: {
      name: "hello",
      version,
      architecture,
      maintainer: "Acme <releases@acme.example>",
      description: "Says hello\nIt says so to the world.\n\nAnd to nobody else.",
    },
    files: [
      { to: "/usr/bin/hello", content: `#!/bin/sh\necho hello ${version} ${architecture}\n`, mode: "0755" },
      { to: "/etc/hello/hello.yaml", content: "greeting: hello\n" },
    ],
    units: [],
    scripts: {},
  };
}

/** Writes a package to a folder, which is made, and says what a repository wants to know of it. */
export async function writtenPackage(
  folder: string,
  declared: DeclaredPackage,
  root = folder,
): Promise<AddedPackage> {
  await mkdir(folder, { recursive: true });
  const made = await debianPackage(declared, (files) => resolveLayer(root, files, { overBase: false }));
  const { name, version, architecture } = declared.control;
  const file = join(folder, `${name}_${version}_${architecture}-${process.hrtime.bigint()}.deb`);
  const { digest, size } = await writeDebianPackage(file, made);
  return { file, stanza: packageStanza(packageControl(made), { component: "main", digest, size }) };
}
