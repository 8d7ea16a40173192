import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { type OfficialArchives } from "../../tools/official-pulumi";
import { pulumiCli } from "../../tools/pulumi-cli";
import { temporaryDirectory } from "./temporary-directory";

const platform = `${process.platform}-${process.arch}`;
const path = `/releases/sdk/pulumi-v3.300.0-${platform}.tar.gz`;

describe("the official CLI", () => {
  let server: Server;
  let requests: string[];
  let answer: (response: ServerResponse, archive: Buffer) => void;
  let archive: Buffer;
  let archives: OfficialArchives;
  let lines: string[];
  const directory = temporaryDirectory(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const tools = () => join(directory(), "cache", "tools");

  beforeEach(async () => {
    archive = pack("3.300.0");
    requests = [];
    lines = [];
    answer = (response, bytes) => response.end(bytes);
    server = createServer((request, response) => {
      requests.push(request.url ?? "");
      if (request.url === path) answer(response, archive);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const folder = `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases/sdk`;
    const sum = createHash("sha256").update(archive).digest("hex");
    archives = { version: "3.300.0", folder, sums: { [platform]: sum }, patience: 300 };
  });

  /** An archive as Pulumi's: programs in a folder `pulumi`. */
  function pack(version: string): Buffer {
    const folder = join(directory(), "pulumi");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho v${version}\n`, { mode: 0o755 });
    writeFileSync(join(folder, "pulumi-language-nodejs"), "#!/bin/sh\n", { mode: 0o755 });
    const file = join(directory(), "archive.tar.gz");
    execFileSync("tar", ["-czf", file, "-C", directory(), "pulumi"]);
    return readFileSync(file);
  }

  /** On a machine without a Pulumi CLI and without Go. */
  function cli(env: NodeJS.ProcessEnv = {}) {
    const programs = join(directory(), "programs");
    mkdirSync(programs, { recursive: true });
    for (const name of ["tar", "gzip", "sh"]) {
      if (existsSync(join(programs, name))) continue;
      const found = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
      writeFileSync(join(programs, name), `#!/bin/sh\nexec ${found} "$@"\n`, { mode: 0o755 });
    }
    return pulumiCli({
      env: { PATH: programs, HOME: directory(), SLIPWAY_CACHE: join(directory(), "cache"), ...env },
      onProgress: (line) => lines.push(line),
      archives,
    });
  }

  it("is downloaded once where there is neither another nor Go", async () => {
    const [first, second] = await Promise.all([cli(), cli()]);
    assert.deepEqual(second, first);
    assert.equal(execFileSync(first.path, ["version"], { encoding: "utf8" }), "v3.300.0\n");
    assert.ok(existsSync(join(first.path, "..", "pulumi-language-nodejs")));
    assert.deepEqual(requests, [path]);
    answer = (response) => response.writeHead(500).end();
    assert.deepEqual(await cli({ SLIPWAY_DOWNLOADS: "0" }), first);
    assert.deepEqual(requests, [path]);
  });

  for (const [what, reason, change] of [
    ["another archive", /its SHA-256 is \w+, not the pinned \w+/, () => void (archive = pack("3.300.1"))],
    ["no such archive", /the answer is 404/, () => void (archives = { ...archives, version: "3.299.0" })],
    [
      "an archive that is cut off",
      /terminated|aborted|other side closed/,
      () =>
        void (answer = (response, bytes) => {
          response.writeHead(200, { "content-length": bytes.length });
          response.write(bytes.subarray(0, 100), () => response.destroy());
        }),
    ],
    ["a server that does not answer", /nothing came for 0\.3 s/, () => void (answer = () => undefined)],
    [
      "a server that stops within the archive",
      /nothing came for 0\.3 s/,
      () => void (answer = (response, bytes) => void response.write(bytes.subarray(0, 100))),
    ],
    ["no server", /ECONNREFUSED/, () => void server.close()],
    [
      "an archive of another version",
      /it says that it is version v3\.300\.0/,
      () => {
        archives = { ...archives, version: "3.301.0" };
        server
          .removeAllListeners("request")
          .on("request", (_, response: ServerResponse) => response.end(archive));
      },
    ],
  ] as const) {
    it(`gives way to the build with Go, saying why in a line: ${what}`, async () => {
      change();
      await assert.rejects(cli(), /pulumi v[\d.]+ is not built yet, and there is no `go` on PATH/);
      const said = lines.filter((line) => !line.startsWith("downloading "));
      assert.equal(said.length, 1, said.join("\n"));
      assert.match(
        said[0] ?? "",
        /^the official Pulumi CLI is not used \(http.*building it with Go instead$/,
      );
      assert.match(said[0] ?? "", reason);
      assert.deepEqual(existsSync(tools()) ? readdirSync(tools()) : [], []);
    });
  }

  for (const env of [{ SLIPWAY_DOWNLOADS: "0" }, { SLIPWAY_BUILD_PULUMI: "1" }]) {
    it(`is not asked for with ${JSON.stringify(env)}`, async () => {
      await assert.rejects(cli(env), /no `go` on PATH/);
      assert.deepEqual([requests, lines], [[], []]);
    });
  }

  it("is not asked for on a machine that there is none for", async () => {
    archives = { ...archives, sums: {} };
    await assert.rejects(cli(), /no `go` on PATH/);
    assert.deepEqual([requests, lines], [[], []]);
  });
});
