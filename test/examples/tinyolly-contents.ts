import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { repository } from "../support/engine";
import { PlatformImage } from "./platform-image";
import { imageNames, platforms } from "./tinyolly";

const apps = path.join(repository, "examples/tinyolly/docker/apps");

/** Programs that make programs, or fetch them: no image needs one to run. */
const toolchain =
  /(^|\/)(go|gofmt|gcc|cc|c\+\+|g\+\+|clang|ld|as|make|cargo|rustc|git|pip[\d.]*|uv|apt|apt-get|dpkg)$|\.(go|a|pyc)$/;

/** All that is in the images without an operating system. */
const onlyFiles: Readonly<Record<string, readonly string[]>> = {
  "opamp-server": ["opamp-server"],
  "otel-supervisor": [
    "etc/otel/supervisor.yaml",
    "opampsupervisor",
    "otelcol-contrib",
    "var/lib/otelcol/collector.yaml",
  ],
};

/** What is in the five images, on each platform, by crane and tar. */
export function checkContents(reference: (name: string) => string): void {
  for (const platform of platforms) {
    const files = async (name: string) => new PlatformImage(reference(name), platform).files();

    it(`TINY-07: each image has its declared contents and no toolchain, on ${platform}`, async () => {
      const found = new Map<string, string[]>();
      for (const name of imageNames) found.set(name, await files(name));
      for (const [name, paths] of found) {
        assert.deepEqual(
          paths.filter((file) => toolchain.test(file)),
          [],
          name,
        );
      }
      for (const [name, expected] of Object.entries(onlyFiles)) assert.deepEqual(found.get(name), expected);
      const base = found.get("python-base") ?? [];
      assert.ok(base.some((file) => /^usr\/bin\/python3\.\d+$/.test(file)));
      for (const { name, version } of await sharedDependencies()) {
        const metadata = `opt/tinyolly/packages/${name}-${version}.dist-info/METADATA`;
        assert.ok(base.includes(metadata), metadata);
      }
      for (const name of ["ui", "otlp-receiver"]) {
        const paths = found.get(name) ?? [];
        assert.deepEqual(
          paths.filter((file) => !base.includes(file)),
          ["app/main.py"],
          `${name} has its application over the base, and nothing else`,
        );
      }
    });
  }

  it("TINY-06, TINY-07: FastAPI is in the user interface, the receiver of OTLP over gRPC in the other", async () => {
    for (const [name, directory] of [
      ["ui", "tinyolly-ui"],
      ["otlp-receiver", "tinyolly-otlp-receiver"],
    ] as const) {
      const text = await new PlatformImage(reference(name), "linux/arm64").text("app/main.py");
      assert.equal(`${text}\n`, await readFile(path.join(apps, directory, "main.py"), "utf8"));
    }
  });
}

/** Names, as wheels write them, and versions of what `requirements.txt` pins. */
async function sharedDependencies(): Promise<{ name: string; version: string }[]> {
  const text = await readFile(path.join(apps, "python-base/requirements.txt"), "utf8");
  const pinned = [...text.matchAll(/^([\w.-]+)==(\S+)/gm)];
  assert.ok(pinned.length > 10);
  return pinned.map(([, name = "", version = ""]) => ({ name: name.replaceAll("-", "_"), version }));
}
