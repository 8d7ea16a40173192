import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { writeRpm, type RpmPackage } from "../../../lib/channels/rpm/package";
import { resolveLayer } from "../../../lib/oci/layer/resolve";
import { ended } from "../../support/apt";
import { openPgpKey } from "../../support/openpgp";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("RPM packages, judged by rpm", () => {
  const folder = temporaryDirectory();

  before(function () {
    requireTools(this, "rpm", "rpmkeys");
  });

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  async function hello(): Promise<RpmPackage> {
    const files = [
      { to: "/usr/bin/hello", content: "#!/bin/sh\necho hello\n", mode: "0755" },
      { to: "/etc/hello.yaml", content: "greeting: hello\n" },
      { to: "/usr/bin/hi", symlink: "hello" },
    ];
    const entries = await resolveLayer(folder(), files, { overBase: false });
    return {
      description: {
        name: "hello",
        version: "1.0.0~rc.1",
        release: "1",
        architecture: "x86_64",
        summary: "Says hello",
        description: "Says hello to the world.",
        license: "Apache-2.0",
        packager: "Acme <releases@acme.example>",
        requires: [{ name: "/bin/sh" }],
      },
      entries: entries.filter(({ type }) => type !== "directory"),
      configFiles: ["/etc/hello.yaml"],
    };
  }

  for (const kind of ["ed25519", "rsa-4096"] as const) {
    it(`${kind}: are the same bytes each time, signed, whole, and installed`, async () => {
      const key = await SigningKey.read(await openPgpKey(kind), undefined);
      const [one, two] = [join(folder(), "one.rpm"), join(folder(), "two.rpm")];
      const made = await writeRpm(one, await hello(), key);
      assert.deepEqual(await writeRpm(two, await hello(), key), made);
      const database = ["--dbpath", join(folder(), "db")];
      const level = ["--define", "_pkgverify_level all"];
      await writeFile(join(folder(), "key.asc"), key.publicKey);
      const unknown = await ended(toolPath("rpmkeys"), [...database, ...level, "--checksig", one]);
      assert.equal(unknown.code, 1, unknown.output);
      await succeeds("rpmkeys", ...database, "--import", join(folder(), "key.asc"));
      assert.match(
        await succeeds("rpmkeys", ...database, ...level, "--checksig", one),
        /one\.rpm: digests signatures OK/,
      );
      const query = "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{SUMMARY}|%{DESCRIPTION}";
      assert.equal(
        await succeeds("rpm", ...database, "-qp", "--queryformat", query, one),
        "hello 1.0.0~rc.1 1 x86_64 Apache-2.0 Says hello|Says hello to the world.",
      );
      const root = join(folder(), "root");
      await succeeds("rpm", "--root", root, "--nodeps", "--ignorearch", "-i", one);
      assert.equal(await readFile(join(root, "usr/bin/hi"), "utf8"), "#!/bin/sh\necho hello\n");
      assert.equal(await succeeds("rpm", "--root", root, "--nodeps", "-V", "hello"), "");
      assert.match(await succeeds("rpm", "--root", root, "-qc", "hello"), /^\/etc\/hello\.yaml$/m);
      const bytes = await readFile(one);
      bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
      await writeFile(one, bytes);
      const changed = await ended(toolPath("rpmkeys"), [...database, ...level, "--checksig", one]);
      assert.equal(changed.code, 1, changed.output);
      assert.match(changed.output, /DIGESTS/);
    });
  }
});
