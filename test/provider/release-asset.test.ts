import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { runClient } from "../support/clients";
import { CheckFailed } from "../support/provider-process";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const asset = "slipway:release:Asset";

/**
 * A release host that serves a folder, with ranges, and can break a connection in the middle of a
 * file.
 */
class ReleaseHost {
  readonly requests: { path: string; range: string | undefined; status: number }[] = [];
  /** Bytes after which the next connections break, one each. */
  readonly cuts: number[] = [];
  /** Status that the next requests are answered with, one each. */
  readonly failures: number[] = [];
  private readonly server: Server;

  constructor(private readonly folder: string) {
    this.server = createServer((request, response) => {
      const target = decodeURIComponent(request.url ?? "");
      const answer = (status: number) => {
        this.requests.push({ path: target, range: request.headers.range, status });
        response.statusCode = status;
      };
      void readFile(path.join(this.folder, target)).then(
        (content) => {
          const failure = this.failures.shift();
          if (failure !== undefined) {
            answer(failure);
            response.end();
            return;
          }
          const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
          if (from >= content.length && from > 0) {
            answer(416);
            response.end();
            return;
          }
          answer(from > 0 ? 206 : 200);
          if (from > 0) {
            response.setHeader("content-range", `bytes ${from}-${content.length - 1}/${content.length}`);
          }
          response.setHeader("content-length", content.length - from);
          const cut = target.endsWith("SHA256SUMS") ? undefined : this.cuts.shift();
          if (cut === undefined) response.end(content.subarray(from));
          else response.write(content.subarray(from, from + cut), () => response.destroy());
        },
        () => {
          answer(404);
          response.end();
        },
      );
    });
  }

  async start(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe("assets of other releases", () => {
  let root: string;
  let project: string;
  let host: ReleaseHost;
  let url: string;
  const startIn = useProviders();
  const large = randomBytes(3 * 1024 * 1024);
  const archiveName = "axon_1.5.0_linux_amd64.tar.gz";

  const start = () => startIn(project);

  before(function () {
    requireTools(this, "tar", "zip", "xz", "sha256sum", "python3");
  });
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-assets-"));
    project = path.join(root, "project");
    const files = path.join(root, "content");
    await mkdir(project);
    await mkdir(path.join(files, "bin"), { recursive: true });
    await writeFile(path.join(files, "bin/axon"), large);
    await chmod(path.join(files, "bin/axon"), 0o755);
    await writeFile(path.join(files, "README.md"), "# axon\n");
    const release = path.join(root, "served/acme/axon/releases/download/v1.5.0");
    await mkdir(release, { recursive: true });
    await runClient("tar", ["-czf", path.join(release, archiveName), "-C", files, "./bin/axon", "README.md"]);
    await runClient("sh", [
      "-c",
      `cd "$0" && zip -q "$1" bin/axon README.md`,
      files,
      path.join(release, "axon.zip"),
    ]);
    await writeFile(path.join(release, "axon_1.5.0_darwin_arm64.tar.gz"), "another");
    await runClient("sh", ["-c", `cd "$0" && sha256sum *.tar.gz *.zip > SHA256SUMS`, release]);
    host = new ReleaseHost(path.join(root, "served"));
    url = `${await host.start()}/acme/axon`;
  });
  afterEach(async () => {
    await host.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const served = (name: string) => path.join(root, "served/acme/axon/releases/download/v1.5.0", name);
  const declared = (more: Properties = {}): Properties => ({
    from: url,
    tag: "v1.5.0",
    asset: "axon_*_linux_amd64.tar.gz",
    ...more,
  });
  const contentAt = (file: unknown) => readFile(path.join(project, String(file)));
  const downloads = () => host.requests.filter((request) => request.path.endsWith(archiveName));

  for (const [where, from] of [
    ["a URL", () => url],
    ["a folder", () => "../served/acme/axon"],
  ] as const) {
    it(`DISTRO-08: are fetched by version and pattern from ${where}, verified by its sums, and recorded`, async () => {
      const provider = await start();
      const held = await provider.create(asset, declared({ from: from() }));
      const bytes = await readFile(served(archiveName));
      assert.equal(held.state.name, archiveName);
      assert.equal(held.state.digest, digestOf(bytes));
      assert.equal(held.state.size, bytes.length);
      assert.equal(held.state.verifiedBy, "SHA256SUMS");
      assert.deepEqual(await contentAt(held.state.path), bytes);
      assert.match(
        String(held.state.location),
        /acme\/axon\/releases\/download\/v1\.5\.0\/axon_1\.5\.0_linux_amd64\.tar\.gz$/,
      );
    });
  }

  for (const name of ["axon_*_linux_amd64.tar.gz", "axon.zip"]) {
    it(`DISTRO-08: files taken out of ${name} are byte-equal to the component's, and go into a bundle`, async () => {
      const provider = await start();
      const held = await provider.create(asset, declared({ asset: name, extract: ["bin/axon"] }), true);
      const file = (held.state.files as Record<string, Properties>)["bin/axon"];
      assert.ok(file);
      assert.equal(file.digest, digestOf(large));
      assert.deepEqual(await contentAt(file.path), large);
      const inputs = {
        path: "dist/mlos-v1.0.0_linux_amd64.tar.gz",
        entries: [{ path: "bin/axon", source: file.path, digest: file.digest, mode: "0755" }],
      };
      const bundle = await provider.create("slipway:build:Archive", inputs);
      const target = await mkdtemp(path.join(root, "bundle-"));
      await runClient("tar", ["-xzf", path.join(project, inputs.path), "-C", target]);
      assert.deepEqual(await readFile(path.join(target, "bin/axon")), large);
      // On another machine the bundle is known without the file, and the file is fetched when it is
      // needed.
      await rm(path.join(project, ".slipway"), { recursive: true });
      await rm(path.join(project, "dist"), { recursive: true });
      const other = await start();
      host.requests.length = 0;
      assert.deepEqual(
        (await other.diff(held, declared({ asset: name, extract: ["bin/axon"] }))).changes,
        [],
      );
      assert.deepEqual((await other.diff(bundle, inputs)).changes, []);
      assert.equal(host.requests.length, 0);
      const again = await other.create("slipway:build:Archive", inputs);
      assert.equal(again.state.digest, bundle.state.digest);
    });
  }

  for (const name of ["axon_*_linux_amd64.tar.gz", "axon.zip"]) {
    it(`what can be run in ${name} can be run in what is made of it, and nothing else`, async () => {
      const provider = await start();
      const members = ["bin/axon", "README.md"];
      const { state } = await provider.create(asset, declared({ asset: name, extract: members }));
      const files = state.files as Record<string, Properties>;
      const bundle = path.join("dist", "bundle.tar.gz");
      await provider.create("slipway:build:Archive", {
        path: bundle,
        entries: members.map((member) => ({
          path: member,
          source: files[member]?.path,
          digest: files[member]?.digest,
        })),
      });
      const target = await mkdtemp(path.join(root, "bundle-"));
      await runClient("tar", ["-xzpf", path.join(project, bundle), "-C", target]);
      const modes = members.map(async (member) => (await stat(path.join(target, member))).mode & 0o777);
      assert.deepEqual(await Promise.all(modes), [0o755, 0o644]);
    });
  }

  /** Headers of programs, and nothing else of them. */
  const programs = {
    "an ELF file for linux/amd64": Buffer.concat([
      Buffer.from("7f454c4602010100", "hex"),
      Buffer.alloc(10),
      Buffer.from("3e00", "hex"),
      Buffer.alloc(44),
    ]),
    "a Mach-O file for darwin/arm64": Buffer.concat([
      Buffer.from("cffaedfe0c000001", "hex"),
      Buffer.alloc(24),
    ]),
    "a script": Buffer.from("#!/bin/sh\necho axon\n"),
  };
  for (const [what, bytes] of Object.entries(programs)) {
    for (const platform of ["linux/amd64", "linux/arm64", "darwin/arm64"]) {
      const fits = what === "a script" || what.endsWith(platform);
      it(`${what} is ${fits ? "" : "not "}taken as the program for ${platform}`, async () => {
        const files = path.join(root, "content");
        await writeFile(path.join(files, "bin/axon"), bytes);
        await runClient("tar", ["-czf", served(archiveName), "-C", files, "bin/axon"]);
        await runClient("sh", [
          "-c",
          `cd "$0" && sha256sum *.tar.gz > SHA256SUMS`,
          path.dirname(served(archiveName)),
        ]);
        const provider = await start();
        // The pattern leaves the architecture open, as one that matches only one file may.
        const made = provider.create(asset, declared({ extract: ["bin/axon"], platform }));
        if (fits) assert.equal((await made).state.name, archiveName);
        else {
          await assert.rejects(
            made,
            new RegExp(
              `axon_1\\.5\\.0_linux_amd64\\.tar\\.gz: bin/axon in .* is not for ${platform}: it is ${what}`,
            ),
          );
        }
      });
    }
  }

  it("a program that is released as it is can be run in an archive, and is checked to be for its platform", async () => {
    await writeFile(served("axon-linux-amd64"), programs["an ELF file for linux/amd64"]);
    await runClient("sh", [
      "-c",
      `cd "$0" && gzip -c axon-linux-amd64 > axon.gz && xz -c axon-linux-amd64 > axon.xz && sha256sum axon-* axon.?z > SHA256SUMS`,
      path.dirname(served(archiveName)),
    ]);
    const provider = await start();
    for (const name of ["axon-linux-amd64", "axon.gz", "axon.xz"]) {
      const inputs = declared({ asset: name, extract: ["axon"], platform: "linux/amd64" });
      const { state } = await provider.create(asset, inputs);
      const file = (state.files as Record<string, Properties>).axon;
      assert.deepEqual(await contentAt(file?.path), programs["an ELF file for linux/amd64"]);
      const mode = (await stat(path.join(project, String(file?.path)))).mode & 0o777;
      assert.equal(mode, 0o755);
      await assert.rejects(
        provider.create(asset, { ...inputs, platform: "linux/arm64" }),
        /axon in axon.* is not for linux\/arm64: it is an ELF file for linux\/amd64/,
      );
    }
  });

  it("a star does not stand for another platform's name, and nothing is downloaded", async () => {
    const provider = await start();
    const inputs = declared({ asset: "axon_*_arm64.tar.gz", extract: ["axon"], platform: "linux/arm64" });
    await assert.rejects(
      provider.create(asset, inputs),
      /SHA256SUMS: "axon_\*_arm64\.tar\.gz" matches axon_1\.5\.0_darwin_arm64\.tar\.gz, whose name says "darwin", and a file for linux\/arm64 was declared; it lists axon_1\.5\.0_darwin_arm64\.tar\.gz, axon/,
    );
    assert.ok(host.requests.every((request) => request.path.endsWith("SHA256SUMS")));
  });

  it("a file is compared with every sum that is listed for it, whatever the algorithm", async () => {
    const content = await readFile(served(archiveName));
    const sum = (algorithm: string) => createHash(algorithm).update(content).digest("hex");
    const inputs = declared({ asset: archiveName, checksums: "SHA512SUMS" });
    for (const algorithm of ["sha512", "sha384"]) {
      await writeFile(served("SHA512SUMS"), `${sum(algorithm)}  ${archiveName}\n`);
      const { state } = await (await start()).create(asset, inputs);
      assert.equal(state.digest, digestOf(content));
      assert.equal(state.verifiedBy, "SHA512SUMS");
      assert.deepEqual(await contentAt(state.path), content);
    }
    // Both algorithms are fetched once; a further run takes what is here.
    assert.equal(downloads().length, 2);
    await (await start()).create(asset, inputs);
    assert.equal(downloads().length, 2);
    for (const text of [
      `${"0".repeat(128)}  ${archiveName}\n`,
      `${sum("sha256")}  ${archiveName}\n${"0".repeat(128)}  ${archiveName}\n`,
      `${"0".repeat(64)}  ${archiveName}\n${sum("sha512")}  ${archiveName}\n`,
    ]) {
      await writeFile(served("SHA512SUMS"), text);
      await assert.rejects(
        (await start()).create(asset, inputs),
        /content does not match its digest.*expected sha(256|512):0+, got/,
      );
    }
    await writeFile(served("SHA512SUMS"), "<html>not here</html>");
    await assert.rejects(
      (await start()).create(asset, inputs),
      /v1\.5\.0\/SHA512SUMS: there is no SHA-256, SHA-384 or SHA-512 sum in it/,
    );
  });

  it("DISTRO-08: a tampered input stops: it is not kept, and names both digests", async () => {
    await writeFile(served(archiveName), "tampered with");
    const provider = await start();
    await assert.rejects(
      provider.create(asset, declared()),
      /axon_1\.5\.0_linux_amd64\.tar\.gz: content does not match its digest.*expected sha256:\w+, got sha256:\w+/,
    );
    const left = await readdir(path.join(project, ".slipway/cache/downloads"), { recursive: true });
    assert.ok(!left.some((name) => name.endsWith("content") || name.endsWith(".part")), left.join(", "));
  });

  for (const [what, listed, pattern, reason] of [
    ["that leads out of the folder", "axon_/../../../../../outside_linux", "axon_*_linux", /no file matches/],
    ["that is absolute", "/tmp/outside_linux", "*_linux", /no file matches/],
    ["with folders of another system", "axon_\\..\\outside_linux", "axon_*_linux", /no file matches/],
    ["that is a folder", "..", "*", /SHA256SUMS lists a file that is not fetched: "\.\." is a folder/],
    ["that reads as an option", "-outside_linux", "*_linux", /starts with "-"/],
    ["that a terminal obeys", "axon_\u001b[2J_linux", "axon_*_linux", /does not show/],
    ["that reads backwards", "axon_\u202exunil_linux", "axon_*_linux", /does not show/],
    ["that no file system holds", `axon_${"x".repeat(300)}_linux`, "axon_*_linux", /more than 255 bytes/],
  ] as [string, string, string, RegExp][]) {
    it(`a name in the sums ${what} is not followed, at preview neither`, async () => {
      const sum = digestOf("outside").replace("sha256:", "");
      await writeFile(served("SHA256SUMS"), `${sum}  ${listed}\n`);
      const before = new Set(await readdir(root, { recursive: true }));
      const provider = await start();
      for (const preview of [true, false]) {
        await assert.rejects(provider.create(asset, declared({ asset: pattern }), preview), reason);
      }
      const made = (await readdir(root, { recursive: true })).filter((name) => !before.has(name));
      assert.deepEqual(
        made.filter((name) => !name.startsWith("project/.slipway")),
        [],
      );
      const asked = host.requests.map((request) => request.path.split("/").at(-1));
      assert.deepEqual(asked, ["SHA256SUMS", "SHA256SUMS"]);
    });
  }

  it("where a file is kept follows from its digest alone, and an earlier place is left", async () => {
    const provider = await start();
    const held = await provider.create(asset, declared());
    const { digest, path: kept } = held.state;
    assert.equal(kept, `.slipway/cache/downloads/${String(digest).replace("sha256:", "")}/content`);
    const earlier = {
      ...held,
      state: { ...held.state, path: `${path.dirname(String(kept))}/${archiveName}` },
    };
    assert.deepEqual((await provider.diff(earlier, declared())).changes, ["path"]);
    const now = await provider.update(earlier, declared());
    assert.deepEqual(now.state, held.state);
    assert.deepEqual((await provider.diff(now, declared())).changes, []);
  });

  it("a declared digest is enough where there are no sums, and is compared with them where there are", async () => {
    const digest = digestOf(await readFile(served(archiveName)));
    const provider = await start();
    const wrong = digestOf("something else");
    await assert.rejects(
      provider.create(asset, declared({ digest: wrong })),
      /is sha256:\w+ there, and sha256:\w+ was declared: one of them is wrong/,
    );
    await rm(served("SHA256SUMS"));
    const held = await provider.create(asset, declared({ asset: archiveName, digest }));
    assert.equal(held.state.verifiedBy, "declared digest");
    await assert.rejects(
      provider.create(asset, declared()),
      /SHA256SUMS: HTTP 404; there is no such file.*declare the digest, or the name of the sums file/,
    );
  });

  it("a download that breaks goes on where it broke, by Range", async () => {
    const size = (await readFile(served(archiveName))).length;
    host.cuts.push(1_000_000, 500_000);
    const held = await (await start()).create(asset, declared());
    assert.equal(held.state.size, size);
    const ranges = downloads().map(({ range, status }) => [status, range !== undefined]);
    assert.equal(ranges.length, 3);
    assert.deepEqual(ranges, [
      [200, false],
      [206, true],
      [206, true],
    ]);
  });

  it("a download of a run that was ended is gone on with by the next", async () => {
    host.cuts.push(...Array.from({ length: 5 }, () => 200_000));
    await assert.rejects((await start()).create(asset, declared()), /the connection broke/);
    host.requests.length = 0;
    const held = await (await start()).create(asset, declared());
    assert.deepEqual(await contentAt(held.state.path), await readFile(served(archiveName)));
    assert.equal(downloads().length, 1);
    assert.ok(Number(/\d+/.exec(downloads()[0]?.range ?? "0")?.[0]) > 0);
  });

  it("a host without ranges is read from the start again", async () => {
    host.cuts.push(...Array.from({ length: 5 }, () => 100_000));
    await assert.rejects((await start()).create(asset, declared()));
    const plain = await startStaticServer(path.join(root, "served"));
    try {
      const held = await (await start()).create(asset, declared({ from: `${plain.url}/acme/axon/` }));
      assert.deepEqual(await contentAt(held.state.path), await readFile(served(archiveName)));
    } finally {
      await plain.stop();
    }
  });

  it("a second run fetches nothing, and none at all where the host cannot be reached", async () => {
    const provider = await start();
    const held = await provider.create(asset, declared());
    host.requests.length = 0;
    const second = await start();
    assert.deepEqual((await second.diff(held, declared())).changes, []);
    assert.equal(host.requests.length, 0);
    await Promise.all([1, 2, 3].map(() => second.create(asset, declared())));
    assert.equal(downloads().length, 0);
    await host.stop();
    const offline = await start();
    assert.deepEqual((await offline.create(asset, declared())).state, held.state);
    assert.ok(offline.messages.some((text) => /cannot be reached; it is assumed to be unchanged/.test(text)));
    host = new ReleaseHost(path.join(root, "served"));
    await host.start();
  });

  it("a cached file that was changed by hand is fetched again", async () => {
    const inputs = declared({ extract: ["README.md"] });
    const held = await (await start()).create(asset, inputs);
    const file = (held.state.files as Record<string, Properties>)["README.md"];
    await writeFile(path.join(project, String(held.state.path)), "changed");
    await writeFile(path.join(project, String(file?.path)), "changed");
    const again = await (await start()).create(asset, inputs);
    assert.deepEqual(again.state, held.state);
    assert.equal(String(await contentAt(file?.path)), "# axon\n");
  });

  it("an overloaded host is tried again; a private one is not, and the message says what to do", async () => {
    host.failures.push(503, 429);
    await (await start()).create(asset, declared());
    host.failures.push(403);
    await assert.rejects(
      (await start()).create(asset, declared({ tag: "v1.5.0", checksums: "SHA256SUMS" })),
      /HTTP 403; it is not public: release it in a repository that is/,
    );
  });

  for (const [what, more, reason] of [
    [
      "a pattern of no file",
      { asset: "core_*" },
      /no file matches "core_\*"; it lists axon_1\.5\.0_darwin_arm64\.tar\.gz, axon/,
    ],
    ["a pattern of two files", { asset: "axon_*" }, /2 files match "axon_\*"; they are axon_1\.5\.0_darwin/],
    ["a version that is not there", { tag: "v9.9.9" }, /v9\.9\.9\/SHA256SUMS: HTTP 404/],
    ["a member that is not there", { extract: ["bin/core"] }, /has no file "bin\/core"/],
    [
      "a folder that is not there",
      { from: "nowhere" },
      /there is no such file: check the folder, the tag and the name/,
    ],
  ] as [string, Properties, RegExp][]) {
    it(`fail with ${what}, saying what there is`, async () => {
      await assert.rejects((await start()).create(asset, declared(more)), reason);
    });
  }

  for (const [what, more, property] of [
    ["a folder in the name", { asset: "a/b" }, "asset"],
    ["a folder in the name of the sums", { checksums: "../SHA256SUMS" }, "checksums"],
    ["a member that leads out", { extract: ["../x"] }, "extract[0]"],
    ["a password in the URL", { from: "https://me:secret@example.com/x" }, "from"],
    ["a digest that is none", { digest: "md5:1" }, "digest"],
  ] as [string, Properties, string][]) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects((await start()).check(asset, declared(more)), (error: Error) => {
        assert.ok(error instanceof CheckFailed, error.message);
        assert.equal(error.failures[0]?.property, property);
        return true;
      });
    });
  }

  for (const tag of ["kustomize/v5.4.1", "@scope/pkg@1.0.0", "a/b/c-1.0.0"]) {
    it(`are fetched by the tag ${tag}`, async () => {
      const folder = path.join(root, "served/acme/axon/releases/download");
      await mkdir(path.join(folder, tag), { recursive: true });
      await writeFile(path.join(folder, tag, "tool"), "tool\n");
      await runClient("sh", ["-c", 'cd "$0" && sha256sum tool > SHA256SUMS', path.join(folder, tag)]);
      const provider = await start();
      for (const from of [url, "../served/acme/axon"]) {
        const held = await provider.create(asset, declared({ from, tag, asset: "tool" }));
        assert.equal(held.state.digest, digestOf("tool\n"));
        const written = from === url ? encodeURIComponent(tag) : tag;
        assert.ok(String(held.state.location).endsWith(`download/${written}/tool`));
      }
    });
  }

  for (const tag of ["../v1", "a/../b", "/v1", "a//b", "v1?", "a b", "a\\b", ".git", "v1.lock", "-v1"]) {
    it(`are refused with the tag ${tag}`, async () => {
      await assert.rejects((await start()).check(asset, declared({ tag })), /is not a git tag/);
    });
  }

  it("are unknown where the version is", async () => {
    const preview = await (await start()).create(asset, declared({ tag: unknown }), true);
    assert.equal(preview.state.digest, unknown);
    assert.equal(host.requests.length, 0);
  });
});
