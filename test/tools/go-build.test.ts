import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { cacheDirectory } from "../../lib/machine/cache-directory.cjs";
import { ensureGoTool } from "../../lib/machine/go-build";
import {
  buildKey,
  GO_TOOLS,
  type GoTool,
  linkerFlags,
  pinnedVersion,
  requiredGo,
} from "../../lib/machine/go-tool";
import { REPOSITORY } from "../../lib/machine/repository";
import { findOnPath } from "../../lib/machine/search-path";
import { requirement } from "../support/requirement";
import { runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

const MAIN = `package main

import "fmt"

var version = "unset"

func main() { fmt.Println(version) }
`;

describe("Go tools", () => {
  const directory = temporaryDirectory();
  let tool: GoTool;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    const moduleDir = join(directory(), "module");
    mkdirSync(moduleDir);
    // The version comes from a requirement that is replaced by a directory, so that nothing is
    // downloaded.
    writeFileSync(
      join(moduleDir, "go.mod"),
      "module example.test/greeter\n\ngo 1.22\n\nrequire example.test/pinned v1.2.3\n\nreplace example.test/pinned => ./pinned\n",
    );
    writeFileSync(join(moduleDir, "main.go"), MAIN);
    mkdirSync(join(moduleDir, "pinned"));
    writeFileSync(join(moduleDir, "pinned", "go.mod"), "module example.test/pinned\n\ngo 1.22\n");
    tool = {
      name: "greeter",
      moduleDir,
      package: ".",
      versionModule: "example.test/pinned",
      versionVariables: ["main.version"],
      aboutSeconds: 5,
      instead: "Or install greeter by hand.",
    };
    env = { ...process.env, SLIPWAY_CACHE: join(directory(), "cache") };
  });

  describe("with Go", () => {
    before(function () {
      requirement(this, findOnPath("go", process.env.PATH), "go is not on PATH (https://go.dev/dl/)");
    });

    it("is built once by processes that ask at once; the others wait and say so", async () => {
      const code = `
        const { ensureGoTool } = require("./lib/machine/go-build");
        ensureGoTool(${JSON.stringify(tool)}, { onProgress: (line) => console.error(line) }).then(console.log);`;
      const results = await Promise.all([1, 2, 3].map(() => runSource(code, env)));
      const lines = results.flatMap((result) => result.stderr.split("\n"));
      assert.equal(
        lines.filter((line) => line.startsWith("building greeter v1.2.3 with Go (about 5 s")).length,
        1,
      );
      assert.equal(lines.filter((line) => line.startsWith("built greeter")).length, 1);
      for (const line of lines.filter((text) => text !== "")) {
        assert.match(
          line,
          /^(building|built|another run is building greeter \(process \d+ on \S+, since .*\); waiting)/,
        );
      }
      const paths = new Set(results.map((result) => result.stdout.trim()));
      assert.equal(paths.size, 1);
      const [path = ""] = paths;
      assert.equal(execFileSync(path, { encoding: "utf8" }), "v1.2.3\n");
      const record = JSON.parse(readFileSync(join(dirname(path), "build.json"), "utf8")) as Record<
        string,
        string
      >;
      assert.equal(record.version, "v1.2.3");
      assert.match(record.go ?? "", /^go1\./);
      assert.deepEqual(readdirSync(dirname(dirname(path))), [`greeter-${buildKey(tool, tool.moduleDir)}`]);
    });

    it("is found in the cache without Go", async () => {
      const built = await ensureGoTool(tool, { env });
      const lines: string[] = [];
      const found = await ensureGoTool(tool, {
        env: { SLIPWAY_CACHE: env.SLIPWAY_CACHE, PATH: "" },
        onProgress: (line) => lines.push(line),
      });
      assert.equal(found, built);
      assert.deepEqual(lines, []);
    });

    it("is built anew when a pin changes, and the old build stays", async () => {
      const first = await ensureGoTool(tool, { env });
      const goMod = join(tool.moduleDir, "go.mod");
      writeFileSync(goMod, readFileSync(goMod, "utf8").replace("v1.2.3", "v1.3.0"));
      const second = await ensureGoTool(tool, { env });
      assert.notEqual(second, first);
      assert.equal(execFileSync(first, { encoding: "utf8" }), "v1.2.3\n");
      assert.equal(execFileSync(second, { encoding: "utf8" }), "v1.3.0\n");
    });

    it("is another where one of its sources is", () => {
      const before = buildKey(tool, tool.moduleDir);
      writeFileSync(join(tool.moduleDir, "further.go"), "package main\n");
      assert.notEqual(buildKey(tool, tool.moduleDir), before);
    });

    it("shows the compiler's words when the build fails, and leaves nothing behind", async () => {
      writeFileSync(
        join(tool.moduleDir, "main.go"),
        MAIN.replace("fmt.Println(version)", "undefinedFunction()"),
      );
      await assert.rejects(ensureGoTool(tool, { env }), (error: Error) => {
        assert.match(error.message, /`go build` of greeter v1\.2\.3 failed in .*module \(exit code 1\)/);
        assert.match(error.message, /undefined: undefinedFunction/);
        assert.match(error.message, /Or install greeter by hand\./);
        return true;
      });
      assert.deepEqual(readdirSync(join(directory(), "cache", "tools")), []);
    });

    it("names GOPROXY when a module cannot be downloaded", async () => {
      writeFileSync(
        join(tool.moduleDir, "go.mod"),
        "module example.test/greeter\n\ngo 1.22\n\nrequire example.test/pinned v1.2.3\n",
      );
      writeFileSync(
        join(tool.moduleDir, "main.go"),
        MAIN.replace('import "fmt"', 'import (\n"fmt"\n_ "example.test/pinned"\n)'),
      );
      const sum = `example.test/pinned v1.2.3 h1:${"A".repeat(43)}=\nexample.test/pinned v1.2.3/go.mod h1:${"A".repeat(43)}=\n`;
      writeFileSync(join(tool.moduleDir, "go.sum"), sum);
      const offline = { ...env, GOPROXY: `http://127.0.0.1:${await closedPort()}`, GOFLAGS: "-modcacherw" };
      await assert.rejects(
        ensureGoTool(tool, { env: { ...offline, GOMODCACHE: join(directory(), "modules") } }),
        (error: Error) => {
          assert.match(error.message, /connection refused/);
          assert.match(error.message, /GOPROXY/);
          return true;
        },
      );
    });

    it("says which Go is needed when the installed one is too old", async () => {
      const goMod = join(tool.moduleDir, "go.mod");
      writeFileSync(goMod, readFileSync(goMod, "utf8").replace("go 1.22", "go 1.999"));
      await assert.rejects(
        ensureGoTool(tool, { env: { ...env, GOTOOLCHAIN: "local" } }),
        /Install Go 1\.999 or newer .*GOTOOLCHAIN=auto/,
      );
    });
  });

  it("without Go: says what is missing, which version, where to get it, and what would do instead", async () => {
    await assert.rejects(
      ensureGoTool(tool, { env: { ...env, PATH: join(directory(), "empty") } }),
      (error: Error) => {
        assert.match(error.message, /greeter v1\.2\.3 is not built yet, and there is no `go` on PATH/);
        assert.match(error.message, /Install Go 1\.22 or newer: https:\/\/go\.dev\/dl\//);
        assert.match(error.message, /Or install greeter by hand\./);
        return true;
      },
    );
  });

  for (const real of Object.values(GO_TOOLS)) {
    it(`${real.name}: its version comes from go.mod and is linked in`, () => {
      const moduleDir = join(REPOSITORY, real.moduleDir);
      const version = pinnedVersion(real, moduleDir);
      assert.match(version, /^v\d+\.\d+\.\d+$/);
      for (const variable of real.versionVariables) {
        const linked = "bareVersion" in real ? version.slice(1) : version;
        assert.ok(linkerFlags(real, moduleDir).split(" ").includes(`${variable}=${linked}`));
      }
      assert.match(requiredGo(moduleDir), /^1\.\d+/);
    });
  }

  it("names the go.mod that does not pin the tool", () => {
    assert.throws(
      () => pinnedVersion({ ...tool, versionModule: "example.test/other" }, tool.moduleDir),
      /go get example\.test\/other@VERSION/,
    );
  });
});

describe("cache directory", () => {
  for (const [env, expected] of [
    [{ SLIPWAY_CACHE: "/a", XDG_CACHE_HOME: "/b", HOME: "/c" }, "/a"],
    [{ SLIPWAY_CACHE: "", XDG_CACHE_HOME: "/b", HOME: "/c" }, "/b/slipway"],
    [
      { XDG_CACHE_HOME: "", HOME: "/c" },
      process.platform === "darwin" ? "/c/Library/Caches/slipway" : "/c/.cache/slipway",
    ],
  ] as const) {
    it(`${JSON.stringify(env)} → ${expected}`, () => assert.equal(cacheDirectory(env), expected));
  }
});

/** A port on which nothing listens. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
