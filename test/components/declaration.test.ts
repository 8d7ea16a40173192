import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  cosignKey,
  DeclarationError,
  directoryRelease,
  githubRelease,
  imageFolder,
  ociRegistry,
  throwAwayKey,
} from "../../components";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";

const registry = ociRegistry({ host: "ghcr.io", namespace: "acme" });
const file = { to: "/hello", content: "hello" };
const good: DistributionArgs = {
  version: "v1.0.0",
  registries: [registry],
  platforms: ["linux/amd64"],
  images: { hello: { files: [file] } },
};

const escaped = (text: string) => text.replace(/[.[\]{}]/g, "\\$&");

function refusal(args: object): string {
  try {
    checkDistribution("hello", args as DistributionArgs);
  } catch (error) {
    assert.ok(error instanceof DeclarationError, String(error));
    return error.message;
  }
  return "accepted";
}

describe("a declaration", () => {
  it("that is right is accepted", () => assert.equal(refusal(good), "accepted"));

  const here = ociRegistry({ host: "localhost:5000" });
  const signed = { ...good, trust: { sign: throwAwayKey() } };
  const released = { archives: { hello: { files: [{ path: "README", content: "hello" }] } } };

  for (const [what, args] of [
    ["on this machine", { ...signed, registries: [here, imageFolder({ directory: "dist" })] }],
    [
      "with a release on this machine",
      {
        ...signed,
        ...released,
        registries: [here],
        release: directoryRelease({ directory: ".slipway/releases" }),
      },
    ],
    ["where nothing is published", { ...signed, mode: "build" }],
    ["for a test network", { ...good, trust: { sign: throwAwayKey(".slipway/keys", ["ghcr.io"]) } }],
  ] as const)
    it(`with a throw-away key ${what} is accepted`, () => assert.equal(refusal(args), "accepted"));

  it("with one account for two namespaces of a host, its password read for each, is accepted", () => {
    const read = (namespace: string) =>
      ociRegistry({ host: "ghcr.io", namespace, username: "a", password: pulumi.secret("p") });
    assert.equal(refusal({ ...good, registries: [read("acme"), read("partner")] }), "accepted");
  });

  it("with a key that is kept is accepted", () =>
    assert.equal(refusal({ ...good, trust: { sign: cosignKey() } }), "accepted"));

  const image = (fields: object) => ({ ...good, images: { hello: { files: [file], ...fields } } });
  const archived = (fields: object) => ({
    ...good,
    archives: { hello: { files: [{ path: "a", content: "a" }], ...fields } },
  });
  const built = (fields: object) => ({
    ...good,
    binaries: { hello: { command: "make", sources: ["*"], ...fields } },
  });
  const downloaded = (fields: object) => ({
    ...good,
    downloads: {
      hello: { from: "https://github.com/acme/hello", tag: "v1.0.0", asset: "hello.tar.gz", ...fields },
    },
  });

  for (const [what, args, property, instead] of [
    [
      "an image",
      () => image({ files: [{ to: "/a", source: pulumi.output("a") }] }),
      "images.hello.files[0].source",
      "make the image with Image",
    ],
    [
      "an archive",
      () => archived({ files: [{ path: "a", source: pulumi.output("a") }] }),
      "archives.hello.files[0].source",
      "make the archive with Archive",
    ],
  ] as const) {
    it(`with an output as a file of ${what} is refused, with what to do instead`, () => {
      const text = refusal(args());
      assert.ok(text.includes(`${property}: is an output, and a declaration is checked before`), text);
      assert.ok(text.includes(instead) && !text.includes("toJSON"), text);
    });
  }

  const targets = [
    ...["windows/386", "openbsd/amd64", "freebsd/386", "freebsd/arm/v6", "linux/arm/v6", "solaris/amd64"],
    ...["linux/mips", "linux/mipsle/softfloat", "wasip1/wasm", "plan9/amd64", "linux/amd64/v3"],
  ];
  const triples = ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-macos"];
  for (const [what, declared] of [
    ["a binary", built({ platforms: [...targets, ...triples] })],
    ["an archive", archived({ platforms: [...targets, ...triples.slice(1)] })],
    ["a download", downloaded({ platforms: [...targets, ...triples] })],
  ] as const) {
    it(`with ${what} for whatever Go, Rust and Zig build for is accepted`, () =>
      assert.equal(refusal(declared), "accepted"));
  }

  /**
   * What would be ignored, stay in a name, or be refused of a resource that the program does not
   * know.
   */
  const strict: [string, object, RegExp][] = [
    [
      "a target of programs as the platform of images",
      { ...good, platforms: ["linux/amd64", "openbsd/amd64"] },
      /platforms\[1\]: unknown platform "openbsd\/amd64": programs can be for it, images cannot; declare it in `platforms` of a binary/,
    ],
    [
      "a triple as the platform of images",
      image({ platforms: ["x86_64-unknown-linux-musl"] }),
      /platforms\[0\]: unknown platform "x86_64-unknown-linux-musl": .*did you mean "linux\/amd64"\?/,
    ],
    [
      "a binary for a machine in another spelling",
      built({ platforms: ["linux/x86_64"] }),
      /binaries\.hello\.platforms\[0\]: unknown platform "linux\/x86_64"; did you mean "linux\/amd64"\?/,
    ],
    [
      "a binary for one machine in two spellings",
      built({ platforms: ["linux/arm", "linux/arm/v7"] }),
      /binaries\.hello\.platforms\[1\]: platform "linux\/arm\/v7" is "linux\/arm" too/,
    ],
    [
      "formats of a system that there is not",
      archived({ formats: { Windows: "zip" } }),
      /archives\.hello\.formats\.Windows: .*unknown operating system "Windows"; did you mean "windows"\? .*as in "windows\/amd64"/,
    ],
    [
      "overrides of a platform that is not built for",
      built({ overrides: { "windows/amd64": { output: "a.exe" } } }),
      /binaries\.hello\.overrides\.windows\/amd64: nothing is built for "windows\/amd64"; the platforms are linux\/amd64: declare it in platforms/,
    ],
    [
      "overrides of a misspelled platform",
      built({ overrides: { "linux/amd65": { output: "a" } } }),
      /binaries\.hello\.overrides\.linux\/amd65: nothing is built for "linux\/amd65"; did you mean "linux\/amd64"\?/,
    ],
    ...(
      [
        ["an archive", archived({ name: "{name}_{o}" }), "archives.hello.name", "{o}"],
        [
          "another name of an archive",
          archived({ alsoNames: ["{name}_{O}"] }),
          "archives.hello.alsoNames[0]",
          "{O}",
        ],
        ["the folder of an archive", archived({ root: "{nane}" }), "archives.hello.root", "{nane}"],
        [
          "an archived file",
          archived({ files: [{ path: "{}/a", content: "a" }] }),
          "archives.hello.files[0].path",
          "{}",
        ],
        ["a built file", built({ output: "{nmae}" }), "binaries.hello.output", "{nmae}"],
        ["a placed file", built({ place: "dist/{o}" }), "binaries.hello.place", "{o}"],
        ["a download", downloaded({ asset: "hello_{OS}.zip" }), "downloads.hello.asset", "{OS}"],
        ["a file of a download", downloaded({ file: "bin/{version}" }), "downloads.hello.file", "{version}"],
        [
          "a file of an image",
          image({ files: [{ to: "/a", source: "dist/{tag}" }] }),
          "images.hello.files[0].source",
          "{tag}",
        ],
        [
          "a cache",
          { ...good, images: { hello: { dockerfile: "Dockerfile", cache: { to: "ghcr.io/a/b:{a}" } } } },
          "images.hello.cache.to",
          "{a}",
        ],
      ] as const
    ).map(([what, args, property, placeholder]): [string, object, RegExp] => [
      `what nothing takes the place of in the name of ${what}`,
      args,
      new RegExp(
        `${escaped(property)}: ".*": nothing takes the place of ${escaped(placeholder)}.*; the names here are .*\\{.*\\(a valid example: ".*\\{`,
      ),
    ]),
    [
      "letters for the mode of a file",
      image({ files: [{ ...file, mode: "rwx" }] }),
      /images\.hello\.files\[0\]\.mode: "rwx" is not valid: permission bits as octal digits are expected \(a valid example: "0755"\)/,
    ],
    [
      "letters for the mode of an archived file",
      archived({ files: [{ path: "a", content: "a", mode: "rwx" }] }),
      /archives\.hello\.files\[0\]\.mode: "rwx" is not valid: permission bits .* \(a valid example: "0755"\)/,
    ],
    ...["abc", "70000", "53/icmp", 0, 70_000].map((port): [string, object, RegExp] => [
      `the port ${JSON.stringify(port)}`,
      image({ ports: [port] }),
      new RegExp(
        `images\\.hello\\.ports\\[0\\]: ${JSON.stringify(port)} is not valid: a port from 1 to 65535 .* \\(a valid example: "53/udp"\\)`,
      ),
    ]),
    [
      "a time in words",
      image({ created: "yesterday" }),
      /images\.hello\.created: "yesterday" is not valid: .* \(a valid example: "2026-01-31T12:00:00Z"\)/,
    ],
    [
      "a test that is no regular expression",
      built({ test: { command: ["{file}"], prints: "(" } }),
      /binaries\.hello\.test\.prints: "\(" is not a regular expression/,
    ],
    [
      "a password in the address of a download",
      downloaded({ from: "https://user:pass@example.com/hello" }),
      /downloads\.hello\.from: .*a URL without user and password is expected/,
    ],
  ];

  const cases: [string, object, RegExp][] = [
    [
      "a throw-away key for a registry elsewhere",
      signed,
      /registries\[0\]: ghcr\.io is not on this machine, and a throw-away key signs: .*cosign generate-key-pair/,
    ],
    [
      "a throw-away key for a mirror elsewhere",
      { ...signed, registries: [here, registry] },
      /registries\[1\]: ghcr\.io is not on this machine/,
    ],
    [
      "a throw-away key for a release elsewhere",
      {
        ...signed,
        ...released,
        registries: [here],
        release: githubRelease({ repository: "acme/hello", token: "x" }),
      },
      /release\[0\]: api\.github\.com is not on this machine/,
    ],
    [
      "no platform",
      { ...good, platforms: [] },
      /platforms: \[\] is not valid: at least one platform is expected \(a valid example: \["linux\/amd64","linux\/arm64"\]\)/,
    ],
    [
      "an unknown platform",
      { ...good, platforms: ["linux/amd65"] },
      /platforms\[0\]: unknown platform "linux\/amd65"/,
    ],
    [
      "a platform twice",
      { ...good, platforms: ["linux/amd64", "linux/amd64"] },
      /platforms\[1\]: platform "linux\/amd64" is listed twice/,
    ],
    ["no image", { ...good, images: {} }, /images: .*at least one image is expected/],
    [
      "an upper-case image",
      { ...good, images: { Hello: { files: [file] } } },
      /images\.Hello: .*use "hello"/,
    ],
    [
      "two images with one name",
      { ...good, images: { hello: { files: [file] }, world: { files: [file], repository: "hello" } } },
      /images\.world\.repository: two images use the repository "hello": images\.hello is published there too/,
    ],
    [
      "an alias that is another image's name",
      {
        ...good,
        images: { hello: { files: [file] }, world: { files: [file], alsoRepositories: ["hello"] } },
      },
      /images\.world\.alsoRepositories\[0\]: two images use the repository "hello": images\.hello is published there too/,
    ],
    [
      "an alias that is the image's own name",
      { ...good, images: { hello: { files: [file], alsoRepositories: ["hello"] } } },
      /images\.hello\.alsoRepositories\[0\]: .*images\.hello is published there already/,
    ],
    [
      "a short commit",
      { ...good, commit: "abc1234" },
      /commit: "abc1234" is not valid: a full commit hash is expected \(a valid example: "0123456789abcdef/,
    ],
    ["an unknown field", { ...good, registrys: [] }, /registrys: unknown field.*the fields here are version/],
    [
      "an unknown field of an image",
      { ...good, images: { hello: { files: [file], entrypont: [] } } },
      /images\.hello\.entrypont: unknown field; did you mean "entrypoint"/,
    ],
    [
      "a file with two contents",
      { ...good, images: { hello: { files: [{ ...file, source: "x" }] } } },
      /images\.hello\.files\[0\]: has source and content: exactly one of/,
    ],
    [
      "a file with no content",
      { ...good, images: { hello: { files: [{ to: "/x" }] } } },
      /files\[0\]: has no content: exactly one of source, binary/,
    ],
    [
      "a binary that is not declared",
      { ...good, images: { hello: { files: [{ to: "/x", binary: "helo" }] } } },
      /images\.hello\.files\[0\]\.binary: there is no binary "helo"; no binaries are declared/,
    ],
    [
      "no registry",
      { ...good, registries: [] },
      /registries: \[\] is not valid: at least one registry is expected/,
    ],
    [
      "a registry that is a text",
      { ...good, registries: ["ghcr.io"] },
      /registries\[0\]: ociRegistry\(…\), imageFolder\(…\) or another object/,
    ],
    [
      "a folder as the first registry",
      { ...good, registries: [imageFolder({ directory: "out" })] },
      /registries\[0\]: the first must be a registry, which has a host: the others mirror it/,
    ],
    [
      "a registry twice",
      { ...good, registries: [registry, ociRegistry({ host: "ghcr.io", namespace: "acme" })] },
      /registries\[1\]: ghcr\.io\/acme is listed twice/,
    ],
    [
      "a name that Docker Hub does not take (CAP-02)",
      { ...good, registries: [registry, ociRegistry({ host: "docker.io" })] },
      /images\.hello: docker\.io takes no repository "library\/hello": .* \(a valid example: "acme\/hello"\)/,
    ],
    [
      "a name that a Harbor on a host of one's own does not take (CAP-02)",
      { ...good, registries: [ociRegistry({ host: "registry.example.com", kind: "harbor" })] },
      /images\.hello: registry\.example\.com takes no repository "hello": Harbor has a project before/,
    ],
    [
      "a file with two contents, one of them a binary",
      { ...good, images: { hello: { files: [{ to: "/x", binary: "x", symlink: "y" }] } } },
      /images\.hello\.files\[0\]: has binary and symlink: exactly one of .* \(a valid example: \{ to: /,
    ],
    [
      "an archived file with two contents",
      { ...good, archives: { a: { files: [{ path: "x", source: "x", content: "y" }] } } },
      /archives\.a\.files\[0\]: has source and content: exactly one of .* \(a valid example: \{ path: /,
    ],
    ...strict,
    ["several things at once", { ...good, platforms: [], images: {} }, /platforms: [^]*images: /],
  ];
  for (const [title, args, message] of cases) {
    it(`with ${title} is refused`, () => assert.match(refusal(args), message));
  }

  it("with all that its templates, formats and overrides may name is accepted", () => {
    const { binaries } = built({
      output: "{name}{exe}",
      place: "dist/{os}_{arch}{variant}/{name}{exe}",
      overrides: { "linux/amd64": { output: "hello" }, "darwin/arm64": { output: "hello" } },
      platforms: ["darwin/arm64"],
    });
    const { archives } = archived({
      name: "{name}_{version}_{semver}_{tag}_{os}_{arch}{variant}",
      formats: { windows: "zip", darwin: "zip" },
      alsoNames: ["latest_{os}_{arch}"],
    });
    const { images } = image({ ports: [80, "53/udp", "443"], created: "2026-01-31T12:00:00+01:00" });
    assert.equal(refusal({ ...good, binaries, archives, images }), "accepted");
  });

  it("is refused by the compiler where it mixes what cannot go together", () => {
    const types: DistributionArgs[] = [
      // @ts-expect-error: a Dockerfile says itself what is in the image
      { ...good, images: { hello: { dockerfile: "Dockerfile", entrypoint: ["/hello"] } } },
      // @ts-expect-error: a build argument without a Dockerfile
      { ...good, images: { hello: { files: [file], buildArgs: { A: "1" } } } },
      // @ts-expect-error: an image of the distribution as base without a Dockerfile
      { ...good, images: { hello: { base: ["base"] }, base: { dockerfile: "Dockerfile" } } },
      // @ts-expect-error: two contents of a file
      { ...good, images: { hello: { files: [{ to: "/a", source: "a", content: "a" }] } } },
      // @ts-expect-error: no content of a file
      { ...good, images: { hello: { files: [{ to: "/a" }] } } },
      // @ts-expect-error: two contents of an archived file
      { ...good, archives: { hello: { files: [{ path: "a", binary: "a", symlink: "b" }] } } },
    ];
    for (const args of types) assert.notEqual(refusal(args), "accepted");
  });

  const registries: [string, object, RegExp][] = [
    [
      "a scheme",
      { host: "https://ghcr.io" },
      /host: registry "https:\/\/ghcr\.io" has the scheme "https:\/\/"/,
    ],
    ["a path", { host: "ghcr.io/acme" }, /host: .*has a path: give the host here and the path as namespace/],
    [
      "an upper-case namespace",
      { host: "ghcr.io", namespace: "mlOS-foundation" },
      /namespace: .*use "mlos-foundation"/,
    ],
    [
      "a kind that nobody knows",
      { host: "r.example", kind: "nexus" },
      /kind: "nexus" is not valid.*"harbor"/,
    ],
  ];
  for (const [title, args, message] of registries) {
    it(`of a registry with ${title} is refused`, () => {
      assert.throws(() => ociRegistry(args as { host: string }), message);
    });
  }
});
