import assert from "node:assert/strict";
import type { ExampleProject } from "./example-project";
import type { MlosWorkspace } from "./mlos-published";

/** Something that is added to an example, as its maintainer would write it. */
interface Addition {
  title: string;
  /** Configuration of the run. */
  config: Readonly<Record<string, string>>;
  /** The one place in the program that changes. */
  entry: readonly [before: string, after: string];
  /** What the preview has to name for it. */
  preview: readonly RegExp[];
}

const image = `
    "mlos-core-debug": {
      dockerfile: "Dockerfile",
      contexts: { program: { binary: "mlos-core" } },
      buildArgs: { RUNTIME_IMAGE: baseImage("bases/debian:12") },
    },`;

const coreAdditions: readonly Addition[] = [
  {
    title: "a target: its build, its archive and its asset",
    config: { version: "v1.0.1" },
    entry: [`"darwin/arm64", "windows/amd64"]`, `"darwin/arm64", "windows/amd64", "linux/riscv64"]`],
    preview: [
      /slipway:build:Command::mlos-core-linux-riscv64\]/,
      /path *: "dist\/\w+\/v1\.0\.1\/mlos-core_1\.0\.1_linux_riscv64\.tar\.gz"/,
      /name *: .*"mlos-core_1\.0\.1_linux_riscv64\.tar\.gz"/,
    ],
  },
  {
    title: "a platform: its program, its image and its place in the index",
    config: { version: "v1.0.1", runtimeImage: "scratch" },
    entry: [
      `platforms: ["linux/amd64", "linux/arm64"]`,
      `platforms: ["linux/amd64", "linux/arm64", "linux/riscv64"]`,
    ],
    preview: [
      /slipway:build:Command::mlos-core-linux-riscv64\]/,
      /docker-build:index:Image::mlos-core-linux-riscv64\]/,
      /slipway:oci:Index: \(update\)[^]*?\+ platform: "linux\/riscv64"/,
    ],
  },
  {
    title: "an image: its builds and its tags",
    config: { version: "v1.0.1" },
    entry: ["  images: {", `  images: {${image}`],
    preview: [
      /docker-build:index:Image::mlos-core-debug-linux-amd64\]/,
      /docker-build:index:Image::mlos-core-debug-linux-arm64\]/,
      /slipway:oci:Tags::mlos-core-debug:version-tags\]/,
      /slipway:oci:Tags::mlos-core-debug:aliases\]/,
    ],
  },
];

const component = `
    probe: {
      title: "Probe",
      version: "v1.5.0",
      image: { reference: \`\${registry.repository("axon")}:{tag}\`, from: "/usr/local/bin/axon", to: "/usr/local/bin/probe" },
      release: { from: config.require("axonReleases"), asset: "axon_*_{os}_{arch}.tar.gz", file: "axon{exe}", platforms: unix },
    },`;

const last = `"smi-spec": { title: "SMI Spec", version: config.get("smiVersion") },`;

const distroAdditions: readonly Addition[] = [
  {
    title:
      "DISTRO-30: a component: a column of the matrix, a copy into the image, and a program in every bundle",
    config: {},
    entry: [last, `${last}${component}`],
    preview: [
      /slipway:release:VersionMatrix: \(update\)[^]*\+ name *: "Probe"/,
      /slipway:build:Context: \(update\)[^]*\+ to *: "\/usr\/local\/bin\/probe"/,
      /(slipway:build:Archive: \(\w+\)[^]*?"bin\/probe"[^]*?){4}/,
    ],
  },
];

/**
 * Declares tests that add something to the published examples by one entry, and look at the
 * preview.
 */
export function describeOneEntry(published: () => MlosWorkspace): void {
  coreAdditions.forEach((addition) => add(() => published().core, addition));
  distroAdditions.forEach((addition) => add(() => published().distro, addition));
}

function add(example: () => ExampleProject, { title, config, entry, preview }: Addition): void {
  it(title, async () => {
    const project = example();
    const [program, stack] = [await project.read("index.ts"), await project.read("Pulumi.dev.yaml")];
    assert.equal(program.split(entry[0]).length, 2, "the program has no such place any more");
    await project.configure(config);
    await project.edit("index.ts", program.replace(...entry));
    try {
      const text = await project.succeed(["preview", "--diff", "--stack", "dev"]);
      for (const wanted of preview) assert.match(text, wanted);
    } finally {
      await project.write({ "index.ts": program, "Pulumi.dev.yaml": stack });
    }
  });
}
