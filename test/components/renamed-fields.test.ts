import assert from "node:assert/strict";
import { DeclarationError, directoryRelease, githubRelease, goBinary, ociRegistry } from "../../components";
import { composition } from "../../components/composition";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";

const good: DistributionArgs = {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", content: "hello" }] } },
};
const command = { command: ["make"], sources: ["*"] };
const release = { from: "https://github.com/acme/axon", tag: "v1.0.0", asset: "axon_{os}.tar.gz" };
const dockerfile = "Dockerfile";

const check = (args: DistributionArgs) => checkDistribution("hello", args);
const withBinary = (hello: NonNullable<DistributionArgs["binaries"]>[string]) =>
  check({ ...good, binaries: { hello } });
const withDownload = (axon: NonNullable<DistributionArgs["downloads"]>[string]) =>
  check({ ...good, downloads: { axon } });
const withArchive = (hello: NonNullable<DistributionArgs["archives"]>[string]) =>
  check({ ...good, archives: { hello } });
const withImage = (hello: DistributionArgs["images"][string]) => check({ ...good, images: { hello } });
const compose = (image: { reference: string; from: string; to?: string }) =>
  composition({
    name: "MLOS",
    record: { versions: [] },
    labelPrefix: "org.example",
    components: { axon: { title: "Axon", version: "v1.0.0", image } },
  });

describe("a field by its former name is refused, by the compiler and with the present name", () => {
  const names: [property: string, present: string, declare: () => unknown][] = [
    // @ts-expect-error: a former name
    ["binaries.hello.environment", "env", () => withBinary({ ...command, environment: { A: "b" } })],
    // @ts-expect-error: a former name
    ["binaries.hello.targets", "platforms", () => withBinary({ ...command, targets: ["linux/amd64"] })],
    [
      "binaries.hello.budget.maximum",
      "maximumBytes",
      // @ts-expect-error: a former name
      () => withBinary({ ...command, budget: { maximum: 1 } }),
    ],
    [
      "binaries.hello.overrides.linux/amd64.environment",
      "env",
      // @ts-expect-error: a former name
      () => withBinary({ ...command, overrides: { "linux/amd64": { environment: {} } } }),
    ],
    // @ts-expect-error: a former name
    ["binaries.hello.environment", "env", () => withBinary(goBinary({ environment: { A: "b" } }))],
    // @ts-expect-error: a former name
    ["binaries.hello.targets", "platforms", () => withBinary(goBinary({ targets: ["linux/amd64"] }))],
    // @ts-expect-error: a former name
    ["downloads.axon.targets", "platforms", () => withDownload({ ...release, targets: ["linux/amd64"] })],
    // @ts-expect-error: a former name
    ["downloads.axon.sums", "checksums", () => withDownload({ ...release, sums: "SHA256SUMS" })],
    // @ts-expect-error: a former name
    ["archives.hello.targets", "platforms", () => withArchive({ targets: ["linux/amd64"] })],
    // @ts-expect-error: a former name
    ["archives.hello.sums", "checksums", () => withArchive({ sums: "SHA256SUMS" })],
    // @ts-expect-error: a former name
    ["archives.hello.aliases", "alsoNames", () => withArchive({ aliases: ["hello_latest"] })],
    // @ts-expect-error: a former name
    ["images.hello.aliases", "alsoRepositories", () => withImage({ dockerfile, aliases: ["world"] })],
    // @ts-expect-error: a former name
    ["images.hello.target", "stage", () => withImage({ dockerfile, target: "build" })],
    // @ts-expect-error: a former name
    ["images.hello.files[0].target", "to", () => withImage({ files: [{ target: "/a", content: "" }] })],
    [
      "images.hello.copies[0].path",
      "from",
      // @ts-expect-error: a former name
      () => withImage({ dockerfile, copies: [{ image: "ghcr.io/acme/axon:v1", path: "/a" }] }),
    ],
    [
      "images.hello.copies[0].target",
      "to",
      // @ts-expect-error: a former name
      () => withImage({ dockerfile, copies: [{ image: "ghcr.io/acme/axon:v1", from: "/a", target: "/b" }] }),
    ],
    [
      "images.hello.budget.maximum",
      "maximumBytes",
      // @ts-expect-error: a former name
      () => withImage({ dockerfile, budget: { maximum: 1 } }),
    ],
    [
      "gates.health.command.environment",
      "env",
      // @ts-expect-error: a former name
      () => check({ ...good, gates: { health: { command: { command: "make", environment: { A: "b" } } } } }),
    ],
    // @ts-expect-error: a former name
    ["endpoint", "host", () => ociRegistry({ endpoint: "ghcr.io" })],
    // @ts-expect-error: a former name
    ["target", "commit", () => githubRelease({ repository: "acme/hello", target: "main" })],
    // @ts-expect-error: a former name
    ["repository", "name", () => directoryRelease({ directory: "public", repository: "acme/hello" })],
    // @ts-expect-error: a former name
    ["components.axon.image.path", "from", () => compose({ reference: "ghcr.io/acme/axon", path: "/axon" })],
    [
      "components.axon.image.target",
      "to",
      // @ts-expect-error: a former name
      () => compose({ reference: "ghcr.io/acme/axon", from: "/axon", target: "/b" }),
    ],
  ];
  for (const [property, present, declare] of names) {
    it(`${property} is ${present}`, () => {
      assert.throws(declare, (error) => {
        assert.ok(error instanceof DeclarationError, String(error));
        const former = property.slice(Math.max(property.lastIndexOf("."), -1) + 1);
        const reason = `\`${former}\` is now called \`${present}\``;
        // That the field of the present name is missing is not said beside it.
        assert.deepEqual(error.findings, [{ property, reason }]);
        return true;
      });
    });
  }
});
