import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import * as path from "node:path";

/** A repository as somebody may have it, without anything of Slipway. */
export interface SampleRepository {
  readonly files: Readonly<Record<string, string>>;
  /** Address of its remote. */
  readonly remote?: string;
  /** Tags of its commit. */
  readonly tags?: readonly string[];
}

const goMain = `package main

import "fmt"

var version = "dev"

func main() { fmt.Println("hello " + version) }
`;

/** A workflow that publishes images of one Dockerfile. */
const publish = (images: string, tags: string) => `name: publish
on: { push: { tags: ["v*"] } }
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: |
${images}
          tags: |
${tags}
      - uses: docker/build-push-action@v6
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: \${{ github.event_name != 'pull_request' }}
          tags: \${{ steps.meta.outputs.tags }}
          cache-from: type=gha
`;

/** Repositories of different kinds. */
export const sampleRepositories: Readonly<Record<string, SampleRepository>> = {
  "go-command": {
    files: {
      "go.mod": "module github.com/acme/hello\n\ngo 1.24\n",
      "main.go": goMain,
      LICENSE: "MIT License\n\nCopyright (c) 2026 Acme\n",
      "README.md": "# hello\n",
      "CHANGELOG.md":
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-31\n\n### Added\n\n- It says hello.\n",
    },
    remote: "git@github.com:acme/hello.git",
    tags: ["v1.1.0", "v1.2.0"],
  },
  "go-service": {
    files: {
      "go.mod": "module github.com/acme/service/v2\n\ngo 1.24\n",
      "cmd/service/main.go": goMain,
      "cmd/migrate/main.go": goMain,
      "internal/tools/gen/main.go": goMain,
      Dockerfile: [
        "FROM --platform=$BUILDPLATFORM golang:1.24 AS build",
        "ARG TARGETOS TARGETARCH",
        "COPY . .",
        "RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /service ./cmd/service",
        "FROM scratch",
        "LABEL org.opencontainers.image.licenses=Apache-2.0",
        "COPY --from=build /service /service",
        "EXPOSE 8080",
        "",
      ].join("\n"),
      ".github/workflows/publish.yml": publish(
        "            ghcr.io/${{ github.repository }}\n            acme/service",
        "            type=semver,pattern={{version}}\n            type=semver,pattern={{major}}.{{minor}}\n" +
          "            type=ref,event=branch\n            type=ref,event=pr",
      ),
    },
    remote: "https://github.com/acme/service.git",
    tags: ["v2.0.1"],
  },
  "rust-command": {
    files: {
      "Cargo.toml":
        '[package]\nname = "finder"\nversion = "0.3.0"\nlicense = "MIT/Apache-2.0"\ndescription = "Finds"\n',
      "src/main.rs": 'fn main() { println!("found"); }\n',
    },
  },
  "node-service": {
    files: {
      "package.json": `${JSON.stringify({ name: "@acme/shop", version: "4.5.6", private: true, license: "MIT", type: "module", scripts: { start: "node server.js" }, dependencies: { express: "5" } }, undefined, 2)}\n`,
      "index.ts": "export {};\n",
      "tsconfig.json": "{}\n",
      Dockerfile: "FROM scratch\nCOPY package.json server.js /app/\nEXPOSE 3000\n",
      "server.js": "console.log(1);\n",
      "compose.yaml":
        "services:\n  shop:\n    build: .\n    image: registry.acme.example:5000/team/shop:${TAG:-latest}\n  db:\n    image: postgres:17\n",
      ".gitignore": "node_modules\n*.log",
    },
  },
  "node-library-and-image": {
    files: {
      "package.json": `${JSON.stringify({ name: "@acme/tool", version: "1.0.0", license: "ISC", main: "tool.js", repository: "acme/tool" }, undefined, 2)}\n`,
      "tool.js": "module.exports = 1;\n",
      "docker/Dockerfile": "FROM scratch\nCOPY tool.js /tool.js\n",
    },
  },
  "python-service": {
    files: {
      "pyproject.toml":
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n[project]\nname = "acme-api"\nversion = "2.1.0"\ndescription = """\nAn API"""\nlicense = { text = "BSD-3-Clause" }\ndependencies = [\n  "fastapi", # the framework\n  "uvicorn[standard]",\n]\n',
      "src/acme_api/__init__.py": "",
      Dockerfile:
        "ARG BASE\nFROM ${BASE}\nRUN --mount=type=secret,id=index,required=true pip install acme-api\nCOPY src /app\n",
    },
  },
  "java-by-dockerfile": {
    files: {
      "pom.xml": "<project/>\n",
      "src/main/java/App.java": "class App {}\n",
      Dockerfile:
        "FROM maven:3 AS build\nCOPY pom.xml .\nCOPY src src\nRUN mvn package\nFROM eclipse-temurin:21-jre\nCOPY --from=build /target/app.jar /app.jar\n",
      ".github/workflows/release.yaml": publish(
        "            registry.gitlab.example.com/acme/app",
        "            type=raw,value=stable\n            type=sha,prefix=,format=long",
      ),
    },
  },
  monorepo: {
    files: {
      "services/api/Dockerfile": "FROM scratch\nCOPY main.txt /\n",
      "services/api/main.txt": "api\n",
      "services/web/Dockerfile":
        "FROM scratch AS base\nCOPY main.txt /\nFROM base AS debug\nCOPY debug.txt /\n",
      "services/web/main.txt": "web\n",
      "services/web/debug.txt": "debug\n",
      "test/e2e/Dockerfile": "FROM scratch\n",
      ".github/workflows/images.yml": `env: { REGISTRY: ghcr.io }
jobs:
  build:
    strategy:
      matrix:
        include:
          - { service: api, target: "" }
          - { service: web, target: debug }
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: services/\${{ matrix.service }}
          target: \${{ matrix.target }}
          push: true
          tags: \${{ env.REGISTRY }}/acme/shop/\${{ matrix.service }}:\${{ github.sha }}
`,
    },
  },
  "no-release-yet": {
    files: { Dockerfile: "FROM scratch\nCOPY hello.txt /hello.txt\n", "hello.txt": "hello\n" },
  },
  "releases-but-no-images": {
    files: {
      "go.mod": "module example.com/tools/ctl\n",
      "cmd/ctl/main.go": goMain,
      "CHANGELOG.md": "# Changes\n\n## 3.0.0 (2026-02-01)\n\n- A new beginning.\n",
    },
    tags: ["2.9.0", "3.0.0"],
  },
  bake: {
    files: {
      "docker-bake.json": `${JSON.stringify({ target: { _common: { platforms: ["linux/amd64", "linux/arm64"], args: { GO: "1.24" } }, app: { inherits: ["_common"], dockerfile: "app.Dockerfile", tags: ["docker.io/acme/app:latest"] }, worker: { inherits: ["_common"], target: "worker", dockerfile: "app.Dockerfile", tags: ["docker.io/acme/worker:1"], ssh: ["default"] } } })}\n`,
      "docker-bake.override.hcl": 'target "app" {}\n',
      "app.Dockerfile": "FROM scratch AS worker\nCOPY a.txt /\nFROM scratch\nCOPY a.txt /\n",
      "a.txt": "a\n",
    },
  },
  odd: {
    files: {
      Dockerfile: "FROM scratch\r\nCOPY a.txt /\r\n",
      "a.txt": "a\r\n",
      "package.json": "{ broken",
      "pyproject.toml": "= nothing\n[project\nname",
      "compose.yml":
        'x-base: &base\n  build: { context: ., args: { A: "1" } }\nservices:\n  one:\n    <<: *base\n  two: *nowhere\n',
      ".github/workflows/a.yml":
        'jobs:\n  a:\n    strategy: { matrix: "${{ fromJSON(needs.x.outputs.m) }}" }\n    steps:\n      - uses: docker/build-push-action@v6\n',
      ".github/workflows/b.yml": "docker/metadata-action: {{ .Broken }}\n",
      "CHANGELOG.md": "nothing of a version\n",
      LICENSE: "All rights reserved.\n",
    },
  },
};

/** Writes a repository into a folder, with its history where it has one. */
export async function writeSample(
  folder: string,
  { files, remote, tags = [] }: SampleRepository,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  if (remote === undefined && tags.length === 0) return;
  const who = ["-c", "user.name=Acme", "-c", "user.email=acme@example.com", "-c", "commit.gpgsign=false"];
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", folder, ...who, ...words], { stdio: "pipe" });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "feat: all");
  if (remote !== undefined) git("remote", "add", "origin", remote);
  for (const tag of tags) git("tag", tag);
}
