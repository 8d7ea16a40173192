import { EngineProject } from "../../test/support/engine";
import { startDistribution } from "../../test/support/registries";
import type { Contestant, Job } from "../contest";
import { emptyProgram, timed } from "../empty-program";

/** `pulumi preview` of an unchanged distribution, against an empty program of the same engine. */
export const noop: Job = {
  name: "noop",
  description: "pulumi preview of hello, unchanged, against that of an empty JavaScript program",
  async prepare() {
    const registry = await startDistribution();
    const hello = await EngineProject.create({
      program: helloProgram(registry.host),
    });
    await hello.copy("examples/hello", "examples/hello");
    await hello.up();
    const empty = await emptyProgram();
    const ours: Contestant = {
      name: "hello",
      run: () => timed(() => hello.succeed(["preview", "--stack", "dev", "--expect-no-changes"])),
    };
    return {
      runs: 7,
      ours,
      peers: [empty.contestant],
      close: async () => {
        await Promise.all([hello.remove(), empty.close(), registry.stop()]);
      },
    };
  },
};

function helloProgram(host: string): string {
  return `
import { Distribution, ociRegistry } from "@slipway";
new Distribution("hello", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(host)} })],
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: { hello: {
    directory: "examples/hello",
    command: ["go", "build", "-trimpath", "-o", "{output}/hello", "."],
    env: { CGO_ENABLED: "0" },
    sources: ["**/*.go", "go.mod"],
  } },
  images: { hello: { files: [{ to: "/usr/local/bin/hello", binary: "hello" }], entrypoint: ["/usr/local/bin/hello"] } },
});
`;
}
