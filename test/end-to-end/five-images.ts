import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { runClient } from "../support/clients";

/**
 * A project of five images with the shape of TinyOlly's: a base, two children of it, a program in
 * two stages, one more.
 */

export const platforms = ["linux/amd64", "linux/arm64"] as const;

/**
 * A program that Dockerfiles can run: there is no shell in images that are made without a network.
 */
const toolSource = `package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func main() {
	switch os.Args[1] {
	case "write":
		check(os.MkdirAll(filepath.Dir(os.Args[2]), 0o755))
		check(os.WriteFile(os.Args[2], []byte(strings.Join(os.Args[3:], " ")+" "+runtime.GOARCH+"\\n"), 0o644))
	case "secret":
		text, err := os.ReadFile(os.Args[2])
		check(err)
		check(os.WriteFile(os.Args[3], []byte(fmt.Sprintf("%d\\n", len(text))), 0o644))
	case "stamp":
		check(os.WriteFile(os.Args[2], []byte(time.Now().String()), 0o644))
	case "wait", "announce-and-wait":
		// Until the server ends the connection.
		if os.Args[1] != "wait" {
			fmt.Println("the tool waits")
		}
		connection, err := net.Dial("tcp", os.Args[2])
		check(err)
		_, err = io.Copy(io.Discard, connection)
		check(err)
	case "fail":
		fmt.Println("the tool says why it fails")
		os.Exit(7)
	}
}
`;

/** The tool for both platforms, in a folder of its own: \`tool-amd64\`, \`tool-arm64\`. */
export async function buildTool(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-tool-"));
  await writeFile(path.join(folder, "main.go"), toolSource);
  await writeFile(path.join(folder, "go.mod"), "module example.org/tool\n\ngo 1.26\n");
  for (const arch of ["amd64", "arm64"]) {
    const env = { ...process.env, GOARCH: arch, GOOS: "linux", CGO_ENABLED: "0", GOWORK: "off" };
    const args = ["build", "-trimpath", "-ldflags", "-s -w", "-o", `tool-${arch}`, "."];
    await promisify(execFile)("go", args, { cwd: folder, env });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Pushes an image with the tool only, for both platforms, by a client that is not ours. */
export async function pushRootfs(
  reference: string,
  tool: string,
  builder: { name: string; env: NodeJS.ProcessEnv },
  extra = "",
): Promise<void> {
  const folder = path.join(tool, "rootfs");
  await mkdir(folder, { recursive: true });
  for (const arch of ["amd64", "arm64"]) {
    await runClient("cp", [path.join(tool, `tool-${arch}`), path.join(folder, `tool-${arch}`)]);
  }
  await writeFile(
    path.join(folder, "Dockerfile"),
    `FROM scratch\nARG TARGETARCH\nCOPY --chmod=0755 tool-\${TARGETARCH} /bin/tool\n${extra}`,
  );
  await runClient(
    "docker-buildx",
    [
      ...["build", "--builder", builder.name, "--platform", platforms.join(","), "--provenance=false"],
      ...["--tag", reference, "--push", folder],
    ],
    builder.env,
  );
}

/** Files of the project. @param rootfs reference that the images start from */
export function projectFiles(rootfs: string): Record<string, string> {
  return {
    "docker/dockerfiles/Dockerfile.tinyolly-python-base": [
      `FROM ${rootfs}`,
      "COPY requirements.txt /requirements.txt",
      `RUN ["/bin/tool", "write", "/etc/base", "base"]`,
      "",
    ].join("\n"),
    "docker/dockerfiles/Dockerfile.tinyolly-app": [
      "FROM tinyolly/python-base:latest",
      "ARG APP_DIR",
      "COPY ${APP_DIR} /app",
      `RUN ["/bin/tool", "write", "/etc/app", "app"]`,
      `HEALTHCHECK --interval=30s --timeout=3s CMD ["/bin/tool", "health"]`,
      `CMD ["/bin/tool", "serve"]`,
      "",
    ].join("\n"),
    "docker/dockerfiles/Dockerfile.tinyolly-opamp-server": [
      `FROM ${rootfs} AS build`,
      "ARG TARGETARCH",
      "COPY opamp.txt /src/opamp.txt",
      `RUN ["/bin/tool", "write", "/out/built-on"]`,
      "FROM scratch",
      "COPY --from=build /bin/tool /opamp-server",
      "COPY --from=build /out /out",
      `HEALTHCHECK CMD ["/opamp-server", "health"]`,
      `ENTRYPOINT ["/opamp-server"]`,
      "",
    ].join("\n"),
    "docker/dockerfiles/Dockerfile.otel-supervisor": [
      `FROM ${rootfs}`,
      "COPY supervisor.yaml /etc/supervisor.yaml",
      "USER 10001",
      "",
    ].join("\n"),
    "docker/apps/.dockerignore": "**/*.pyc\nnotes.txt\n",
    "docker/apps/notes.txt": "not part of the context\n",
    "docker/apps/requirements.txt": "fastapi==0.110.0\n",
    "docker/apps/opamp.txt": "opamp\n",
    "docker/apps/supervisor.yaml": "agent: {}\n",
    "docker/apps/tinyolly-ui/main.py": "print('ui')\n",
    "docker/apps/tinyolly-otlp-receiver/main.py": "print('receiver')\n",
  };
}

/** The program. @param options declared beside the images, as TypeScript */
export function program(host: string, images = fiveImages(), options = ""): string {
  return `
import { Distribution, ociRegistry } from "@slipway";
const release = new Distribution("tinyolly", {
  version: "v2.0.0",
  commit: "0123456789abcdef0123456789abcdef01234567",
  source: "https://github.com/tinyolly/tinyolly",
  licenses: "BSD-3-Clause",
  registries: [ociRegistry({ host: "${host}", namespace: "myorg" })],
  platforms: ${JSON.stringify(platforms)},
  images: { ${Object.entries(images)
    .map(
      ([name, text]) =>
        `${JSON.stringify(name)}: { context: "docker/apps", builder: "slipway-test", ${text} }`,
    )
    .join(",\n")} },
  ${options}
});
export const published = release.published;
`;
}

/** What is declared of each image, as TypeScript. */
export function fiveImages(): Record<string, string> {
  const file = (name: string) => `dockerfile: "docker/dockerfiles/Dockerfile.${name}"`;
  return {
    ui: `${file("tinyolly-app")}, base: "python-base", buildArgs: { APP_DIR: "tinyolly-ui" }`,
    "otlp-receiver": `${file("tinyolly-app")}, base: "python-base", buildArgs: { APP_DIR: "tinyolly-otlp-receiver" }`,
    "python-base": file("tinyolly-python-base"),
    "opamp-server": file("tinyolly-opamp-server"),
    "otel-supervisor": file("otel-supervisor"),
  };
}
