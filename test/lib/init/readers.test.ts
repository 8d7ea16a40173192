import assert from "node:assert/strict";
import { renderCode } from "../../../lib/init/code";
import type { Reader, Surroundings } from "../../../lib/init/found";
import { bakeReader } from "../../../lib/init/readers/bake";
import { cargoReader } from "../../../lib/init/readers/cargo";
import { changelogReader } from "../../../lib/init/readers/changelog";
import { composeReader } from "../../../lib/init/readers/compose";
import { dockerfileReader } from "../../../lib/init/readers/dockerfile";
import { workflowReader } from "../../../lib/init/readers/github-workflow";
import { goReader } from "../../../lib/init/readers/go-module";
import { licenseReader } from "../../../lib/init/readers/license";
import { packageJsonReader } from "../../../lib/init/readers/package-json";
import { pyprojectReader } from "../../../lib/init/readers/pyproject";
import { readToml } from "../../../lib/init/toml";

function around(texts: Readonly<Record<string, string>>): Surroundings {
  return {
    files: new Set(Object.keys(texts)),
    versionPrefix: "v",
    github: "Acme/Hello",
    textOf: (path) => texts[path],
  };
}

/** What a reader finds, as short texts: `image app=Dockerfile@. :3`. */
function read(reader: Reader, path: string, texts: Readonly<Record<string, string>>): string[] {
  assert.ok(reader.takes(path), path);
  const { facts, images, entries, channels, left } = reader.read(
    { path, text: texts[path] ?? "" },
    around(texts),
  );
  return [
    ...(facts ?? []).map(({ about, value, from }) => `${about} ${value} :${from.line}`),
    ...(images ?? []).map(
      ({ name, dockerfile, context, stage, platforms, repositories, fields, from, left: own }) =>
        [
          `image ${name}=${dockerfile ?? ""}@${context ?? ""}${stage === undefined ? "" : `#${stage}`}`,
          ...(platforms ?? []),
          ...repositories,
          ...(fields ?? []).map((field) => `${field.name ?? ""}=${renderCode(field.value)}`),
          `:${from.line}`,
          ...(own ?? []).map(({ what, reason }) => `[${what}: ${reason}]`),
        ].join(" "),
    ),
    ...(entries ?? []).map(
      (entry) => `${entry.section} ${entry.name} ${renderCode(entry.fields).replaceAll(/\s+/g, " ")}`,
    ),
    ...(channels ?? []).map((channel) => `${channel.call} by ${channel.needs[0]?.key ?? ""}`),
    ...(left ?? []).map(({ line, what, reason }) => `left ${line ?? 0} ${what}: ${reason}`),
  ];
}

describe("readers of slipway init", () => {
  const scratch = "FROM scratch\nCOPY a.txt /\n";
  const cases: [title: string, reader: Reader, texts: Record<string, string>, found: (string | RegExp)[]][] =
    [
      ["a Dockerfile", dockerfileReader, { Dockerfile: scratch, "a.txt": "" }, ["image =Dockerfile@. :1"]],
      [
        "a Dockerfile in a folder of its own",
        dockerfileReader,
        { "services/api/Dockerfile": scratch, "services/api/a.txt": "" },
        ["image api=services/api/Dockerfile@services/api :1"],
      ],
      [
        "a Dockerfile beside what it copies from the top",
        dockerfileReader,
        { "docker/web.Dockerfile": scratch, "a.txt": "" },
        ["image web=docker/web.Dockerfile@. :1"],
      ],
      [
        "a Dockerfile of what somebody has to make",
        dockerfileReader,
        { Dockerfile: "FROM scratch\nCOPY dist /\n" },
        [/image =Dockerfile@\. :1 \[dist: is copied into the image, and is not in the repository/],
      ],
      [
        "a Dockerfile for platforms, with labels, a secret and an argument",
        dockerfileReader,
        {
          Dockerfile:
            "ARG BASE\r\nFROM $BASE\r\nARG TARGETARCH\r\nLABEL org.opencontainers.image.licenses=MIT other=x\r\nRUN --mount=type=secret,id=t,required=true true\r\n",
        },
        [
          "licenses MIT :4",
          /image =Dockerfile@\. linux\/amd64 linux\/arm64 secrets=\{ t: config\.requireSecret\("t"\) \} :1 \[\$BASE: has no value.*\[secret t: the build needs it/,
        ],
      ],
      [
        "a Dockerfile without FROM",
        dockerfileReader,
        { Dockerfile: "RUN true\n" },
        [/left 0 Dockerfile: has no FROM/],
      ],
      [
        "compose",
        composeReader,
        {
          "deploy/compose.yml":
            'x: &x { A: "1", B: "$B" }\nservices:\n  app:\n    image: acme/app:${T:-1}\n    build: { context: .., dockerfile: deploy/App.Dockerfile, target: run, args: *x, platforms: [linux/arm64] }\n  out:\n    build: ../..\n  git:\n    build: https://example.com/x.git\n  inline:\n    build: { dockerfile_inline: "FROM scratch" }\n  db: { image: "postgres:17" }\n',
        },
        [
          /image app=deploy\/App\.Dockerfile@\.#run linux\/arm64 docker\.io\/acme\/app buildArgs=\{ A: "1" \} :5 \[services\.app\.build\.args\.B: takes its value/,
          /left 7 services\.out\.build: the context "\.\.\/\.\." is no folder/,
          /left 9 services\.git\.build: the context/,
          /left 11 services\.inline\.build: the Dockerfile is in the compose file/,
          /left 12 services\.db: is an image of others/,
        ],
      ],
      [
        "a compose file for tests",
        composeReader,
        { "compose.test.yml": "services: {}" },
        [/left 0 compose file: is for something else/],
      ],
      [
        "a compose file that is none",
        composeReader,
        { "compose.yml": "a: {{ .B }\n" },
        [/left \d compose file/],
      ],
      [
        "bake in HCL",
        bakeReader,
        { "docker-bake.hcl": 'target "a" {}\n' },
        [/HCL are not read: `docker buildx bake --print/],
      ],
      [
        "bake that inherits from itself",
        bakeReader,
        {
          "docker-bake.json":
            '{"target":{"a":{"inherits":["b"],"tags":["acme/a:1"]},\n"b":{"inherits":["a"],"context":"sub","ssh":["x"]}}}',
        },
        [
          /image a=sub\/Dockerfile@sub docker\.io\/acme\/a :1/,
          /image b=/,
          /target\.a\.ssh/,
          /target\.b\.ssh/,
        ],
      ],
      [
        "a module of Go",
        goReader,
        {
          "go.mod": "// all\nmodule example.com/acme/hello/v3\n",
          "main.go": 'package main\nvar version = "x"\n',
          "cmd/other/run.go": "package main\n",
          "cmd/other/run_test.go": "package main\n",
          "examples/a/main.go": "package main\n",
          "lib/main.go": "package lib\n",
          "sub/go.mod": "module x\n",
          "sub/main.go": "package main\n",
        },
        [
          "name hello :2",
          /binaries other goBinary\(\{ package: "\.\/cmd\/other", ldflags: "-s -w", platforms/,
          /archives other/,
          /left 0 package main: is proposed for nobody/,
          /binaries hello goBinary\(\{ ldflags: "-s -w -X main\.version=\{version\}"/,
          /archives hello/,
        ],
      ],
      [
        "a module of Go without a name",
        goReader,
        { "go.mod": "go 1.24\n" },
        [/has no line that begins with module/],
      ],
      [
        "a crate",
        cargoReader,
        {
          "Cargo.toml":
            '[package]\nname="a"\nversion.workspace = true\npublish = false\n[[bin]]\nname = "b"\npath = "x.rs"\n[[bin]]\nname = "c; rm"\n',
        },
        ["name a :2", /binaries b \{ command: "cargo build --release --locked --bin b/, /archives b/],
      ],
      [
        "a library of Rust",
        cargoReader,
        { "Cargo.toml": '[package]\nname="a"\n', "src/lib.rs": "" },
        ["name a :2", /left 2 crates\.io/],
      ],
      [
        "a package of Node",
        packageJsonReader,
        {
          "package.json":
            '{\n"name": "@acme/a",\n"version": "1.0.0",\n"bin": "./a.js",\n"repository": {"url": "git+ssh://git@github.com/acme/a.git"} }',
          "a.js": "",
        },
        ["name a :2", "version 1.0.0 :3", "source https://github.com/acme/a :5", "npmPackages by npmToken"],
      ],
      [
        "what npm init writes",
        packageJsonReader,
        {
          "package.json":
            '{"name":"x","version":"1.0.0","main":"index.js","scripts":{"test":"exit 1"},"dependencies":{"slipway":"file:x"}}',
        },
        [],
      ],
      ["a package that is none", packageJsonReader, { "package.json": "[1]" }, [/is no object/]],
      [
        "a project of Python with compiled parts",
        pyprojectReader,
        { "pyproject.toml": '[build-system]\nbuild-backend = "maturin"\n[project]\nname = "a"\n' },
        ["name a :4", /left 2 build-backend: maturin makes a wheel for each platform/],
      ],
      [
        "a project of Python with a hostile name",
        pyprojectReader,
        {
          "pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "a`${x}"\n',
        },
        [/name a/, /is none of a project/],
      ],
      [
        "a change log",
        changelogReader,
        { "CHANGELOG.md": "# Changes\n\n## [2.0.0] - 2026-01-01\n\n- a\n" },
        ["version 2.0.0 :3"],
      ],
      [
        "a license",
        licenseReader,
        {
          LICENSE:
            "                                 Apache License\n                           Version 2.0, January 2004\n",
        },
        ["licenses Apache-2.0 :1"],
      ],
    ];
  for (const [title, reader, texts, expected] of cases) {
    it(title, () => {
      const found = read(reader, Object.keys(texts)[0] ?? "", texts).sort();
      const sorted = [...found];
      assert.equal(found.length, expected.length, found.join("\n"));
      for (const one of expected) {
        const index = sorted.findIndex((text) => (typeof one === "string" ? text === one : one.test(text)));
        assert.ok(index >= 0, `${String(one)} in:\n${sorted.join("\n")}`);
        sorted.splice(index, 1);
      }
    });
  }

  const step = (inputs: string, more = "") =>
    `env: { REGISTRY: ghcr.io, SECRET: "\${{ secrets.X }}" }\njobs:\n  a:\n${more}    steps:\n      - { id: m, uses: docker/metadata-action@v5, with: { images: "\${{ env.REGISTRY }}/\${{ github.repository }}" } }\n      - uses: docker/build-push-action@0123\n        with: { push: true, ${inputs} }\n`;
  const workflows: [title: string, text: string, found: RegExp[]][] = [
    [
      "the tags of a step",
      step(
        'tags: "${{ steps.m.outputs.tags }}", platforms: "linux/amd64,linux/arm64", build-args: "A=1\\nB=${{ secrets.X }}"',
      ),
      [
        /image =Dockerfile@\. linux\/amd64 linux\/arm64 ghcr\.io\/acme\/hello buildArgs=\{ A: "1" \} :6/,
        /build-args B: has a value in a run only/,
      ],
    ],
    [
      "tags as they are written",
      step('tags: "acme/a:latest,acme/a:${{ github.ref_name }}", file: docker/Dockerfile'),
      [
        /image =docker\/Dockerfile@\. docker\.io\/acme\/a :6/,
        /left 6 tags: .*say by tags of the distribution/,
      ],
    ],
    [
      "a registry that only a run knows",
      step('tags: "${{ vars.HOST }}/a:1"'),
      [/image/, /vars\.HOST \}\} has a value/, /say by tags/],
    ],
    ["a context of somebody else", step('context: "https://example.com/x.git"'), [/left 6 context/]],
    [
      "a matrix of platforms, joined by digest",
      step(
        'platforms: "${{ matrix.p }}", outputs: "type=image,push-by-digest=true"',
        "    strategy: { matrix: { p: [linux/amd64, linux/arm64] } }\n",
      ),
      [
        /image =Dockerfile@\. linux\/amd64 ghcr\.io\/acme\/hello/,
        /image =Dockerfile@\. linux\/arm64 ghcr\.io\/acme\/hello/,
      ],
    ],
    [
      "a matrix that only a run knows",
      step("file: x", '    strategy: { matrix: "${{ fromJSON(x) }}" }\n'),
      [/left 4 jobs\.a: the matrix has a value/],
    ],
    ["a build that is not pushed", step("file: x").replace("push: true", "push: false"), []],
    [
      "caches",
      step('cache-from: "type=gha\\ntype=registry,ref=ghcr.io/a/c", ssh: default'),
      [/cache=\{ from: \["ghcr\.io\/a\/c"\] \}/, /cache-from: type=gha/, /ssh: is not converted/],
    ],
    ["what is no YAML", "docker/metadata-action: [\n", [/left \d+ workflow/]],
  ];
  for (const [title, text, expected] of workflows) {
    it(`a workflow with ${title}`, () => {
      const path = ".github/workflows/a.yml";
      const found = read(workflowReader, path, { [path]: text });
      assert.equal(found.length, expected.length, found.join("\n"));
      expected.forEach((pattern) =>
        assert.ok(
          found.some((one) => pattern.test(one)),
          `${String(pattern)} in:\n${found.join("\n")}`,
        ),
      );
    });
  }

  it("reads TOML as far as packages need it, and names the lines that it does not understand", () => {
    const { values, unread } = readToml(
      'a = 1 # one\n"b c" = \'x\'\n[t."u v"] # table\nlist = [\n  "x", # ]\n  \'y\',\n]\ninline = { z = "1", deep.k = true }\nlong = """\nx\ny"""\ne = "q\\"r"\nbad line\n[[l]]\nn = true\n[[l]]\n',
    );
    assert.deepEqual(
      values.map(({ table, key, value, line }) => [table, key, value, line]),
      [
        ["", "a", "1", 1],
        ["", "b c", "x", 2],
        ["t.u v", "list", ["x", "y"], 4],
        ["t.u v.inline", "z", "1", 8],
        ["t.u v.inline", "deep.k", true, 8],
        ["t.u v", "long", "x\ny", 9],
        ["t.u v", "e", 'q"r', 12],
        ["l.0", "n", true, 15],
      ],
    );
    assert.deepEqual(unread, [13]);
  });
});
