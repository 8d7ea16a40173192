import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  branchTags,
  calverTags,
  channelTags,
  combineTags,
  containerBuilder,
  cosignKey,
  directoryRelease,
  gitFacts,
  githubRelease,
  goBinary,
  imageFolder,
  keyless,
  kmsKey,
  kubernetesBuilder,
  ociRegistry,
  remoteBuilder,
  semverTags,
  throwAwayKey,
} from "../../components";

/** As a program calls them that no compiler has checked. */
type Call = (...args: unknown[]) => unknown;

const functions = {
  semverTags,
  calverTags,
  branchTags,
  channelTags,
  combineTags,
  goBinary,
  gitFacts,
  cosignKey,
  kmsKey,
  keyless,
  throwAwayKey,
  imageFolder,
  ociRegistry,
  remoteBuilder,
  kubernetesBuilder,
  containerBuilder,
  githubRelease,
  directoryRelease,
} as unknown as Record<string, Call>;

const identity = { issuer: "https://example.com", identity: "me", trustedRoot: "root.json" };

describe("arguments of the functions of a declaration", () => {
  const refused: [name: string, args: unknown[], finding: RegExp][] = [
    [
      "semverTags",
      [{ aliases: ["minor", "major", "lastest"] }],
      /aliases\[2\]: "lastest" .*did you mean "latest"\?/,
    ],
    ["semverTags", [{ alias: ["latest"] }], /alias: unknown field; did you mean "aliases"\?/],
    ["semverTags", [{ aliases: "latest" }], /aliases: "latest" is not valid/],
    ["semverTags", [{ prefix: 1 }], /prefix: 1 is not valid/],
    ["semverTags", [{ commit: ["shrt"] }], /commit\[0\]: "shrt" .*did you mean "short"\?/],
    ["semverTags", [{ revisions: "yes" }], /revisions: "yes" is not valid/],
    ["semverTags", [{ also: "release-" }], /also: "release-" is not valid/],
    ["semverTags", [{ except: [1] }], /except\[0\]: 1 is not valid/],
    ["semverTags", ["latest"], /"latest" is not valid/],
    ["calverTags", [{ aliases: ["lines"] }], /aliases\[0\]: "lines" .*did you mean "line"\?/],
    ["calverTags", [{ revisions: true }], /revisions: unknown field/],
    ["branchTags", [{ prefx: "branch-" }], /prefx: unknown field; did you mean "prefix"\?/],
    ["branchTags", [{ commit: "short" }], /commit: "short" is not valid/],
    ["channelTags", [], /name: is missing/],
    ["channelTags", ["nightly", { commit: ["version"] }], /options\.commit\[0\]: "version" is not valid/],
    [
      "channelTags",
      ["nightly", { branch: false }],
      /options\.branch: unknown field; did you mean "branches"\?/,
    ],
    [
      "combineTags",
      [semverTags(), "latest"],
      /\[1\]: a tag rule is expected \(a valid example: semverTags\(\)\)/,
    ],
    ["goBinary", [{ tags: "netgo" }], /tags: "netgo" is not valid/],
    ["gitFacts", [{ tagprefix: "cli/" }], /tagprefix: unknown field; did you mean "tagPrefix"\?/],
    ["gitFacts", [{ allowDirty: "true" }], /allowDirty: "true" is not valid/],
    ["cosignKey", [{ pubicKey: "cosign.pub" }], /pubicKey: unknown field; did you mean "publicKey"\?/],
    ["cosignKey", [{ key: "" }], /key: "" is not valid|key: is not valid/],
    ["kmsKey", [{ publicKey: "cosign.pub" }], /uri: is missing.*awskms/],
    [
      "keyless",
      [{ ...identity, trustedroot: "root.json" }],
      /trustedroot: unknown field; did you mean "trustedRoot"\?/,
    ],
    ["throwAwayKey", [".slipway/keys", "registry.test"], /generateFor: "registry.test" is not valid/],
    [
      "imageFolder",
      [{ directory: "images", format: "archiv" }],
      /format: "archiv" .*did you mean "archive"\?/,
    ],
    [
      "ociRegistry",
      [{ host: "ghcr.io", namspace: "acme" }],
      /namspace: unknown field; did you mean "namespace"\?/,
    ],
    ["ociRegistry", [{ host: "ghcr.io", insecure: "yes" }], /insecure: "yes" is not valid/],
    ["ociRegistry", [{}], /host: is missing.*ghcr\.io/],
    ["remoteBuilder", [{ name: "arm" }], /endpoint: is missing.*"tcp:\/\/arm\.example\.com:1234"/],
    ["remoteBuilder", [{ name: "1st", endpoint: "tcp://a:1" }], /name: "1st" is not valid.*"arm"/],
    ["remoteBuilder", ["tcp://a:1"], /"tcp:\/\/a:1" is not valid/],
    [
      "remoteBuilder",
      [{ name: "arm", endpoint: "tcp://a:1", tls: { ca: "ca.pem", servername: "a" } }],
      /tls\.servername: unknown field; did you mean "serverName"\?/,
    ],
    ["remoteBuilder", [{ name: "arm", endpoint: "tcp://a:1", tls: {} }], /tls\.ca: is missing.*ca\.pem/],
    [
      "remoteBuilder",
      [{ name: "arm", endpoint: "tcp://a:1", platforms: ["linux/arm46/"] }],
      /platforms\[0\]: .*"linux\/amd64"/,
    ],
    [
      "kubernetesBuilder",
      [{ name: "pods", replica: 2 }],
      /replica: unknown field; did you mean "replicas"\?/,
    ],
    ["kubernetesBuilder", [{ name: "pods", replicas: "2" }], /replicas: "2" is not valid.*2\)/],
    ["kubernetesBuilder", [{ name: "pods", limits: { cpu: 2 } }], /limits\.cpu: 2 is not valid.*"2"/],
    ["kubernetesBuilder", [{ name: "pods", rootless: "yes" }], /rootless: "yes" is not valid/],
    [
      "kubernetesBuilder",
      [{ name: "pods", nodeSelector: "arm64" }],
      /nodeSelector: "arm64" is not valid.*kubernetes\.io/,
    ],
    [
      "containerBuilder",
      [{ name: "box", netwrk: "host" }],
      /netwrk: unknown field; did you mean "network"\?/,
    ],
    ["containerBuilder", [{}], /name: is missing.*"arm"/],
    [
      "githubRelease",
      [{ repository: "acme/hello", changlog: "CHANGELOG.md" }],
      /changlog: unknown field; did you mean "changelog"\?/,
    ],
    ["githubRelease", [{}], /repository: is missing.*"acme\/hello"/],
    ["githubRelease", [{ repository: "https://github.com/acme/hello" }], /repository: .*"acme\/hello"/],
    [
      "githubRelease",
      [{ repository: "acme/hello", makeLatest: "higest" }],
      /makeLatest: "higest" .*did you mean "highest"\?/,
    ],
    ["githubRelease", [{ repository: "acme/hello", prerelease: "no" }], /prerelease: "no" is not valid/],
    ["directoryRelease", [{ directroy: "public" }], /directroy: unknown field; did you mean "directory"\?/],
    ["directoryRelease", [{ directory: "public", latest: "no" }], /latest: "no" is not valid/],
    ["directoryRelease", [{ directory: "public", tag: 1 }], /tag: 1 is not valid.*"cli\/\{tag\}"/],
    ["directoryRelease", ["public"], /"public" is not valid/],
  ];
  for (const [name, args, finding] of refused) {
    it(`refuse ${name}(${args.map((arg) => (typeof arg === "function" ? "…" : JSON.stringify(arg))).join(", ")})`, () => {
      assert.throws(
        () => functions[name]?.(...args),
        ({ message }: Error) => {
          assert.match(message, finding);
          return message.startsWith(name);
        },
      );
    });
  }

  it("repeat no secret", () => {
    assert.throws(
      () => functions.cosignKey?.({ password: { text: "swordfish" } }),
      ({ message }: Error) => /password/.test(message) && !message.includes("swordfish"),
    );
    assert.throws(
      () => functions.githubRelease?.({ repository: "acme/hello", token: ["ghp_swordfish"] }),
      ({ message }: Error) => /token/.test(message) && !message.includes("swordfish"),
    );
  });

  const accepted: [name: string, args: unknown[]][] = [
    ["semverTags", []],
    ["semverTags", [{ prefix: "", aliases: [], also: ["release-"], commit: ["full"], except: undefined }]],
    ["calverTags", [{ aliases: ["line", "year", "latest"] }]],
    ["branchTags", [{ prefix: "branch-", commit: ["version", "short"] }]],
    ["channelTags", ["nightly", { branches: false }]],
    ["combineTags", [semverTags(), () => []]],
    ["goBinary", [{ package: "./cmd/hello", output: "bin" }]],
    ["cosignKey", [{ password: pulumi.secret("x") }]],
    ["cosignKey", [{ password: Promise.resolve("x") }]],
    ["keyless", [identity]],
    ["throwAwayKey", ["keys", ["registry.test:5000"]]],
    ["imageFolder", [{ directory: "images", format: undefined }]],
    ["remoteBuilder", [{ name: "arm", endpoint: "unix:///run/buildkit.sock", tls: undefined }]],
    ["remoteBuilder", [{ name: "arm", endpoint: "tcp://a:1", tls: { ca: "ca.pem", key: "key.pem" } }]],
    [
      "kubernetesBuilder",
      [
        {
          name: "pods",
          replicas: 2,
          requests: { cpu: "1" },
          nodeSelector: { "kubernetes.io/arch": "arm64" },
        },
      ],
    ],
    ["containerBuilder", [{ name: "box", platforms: ["linux/arm64"], network: "host" }]],
    [
      "githubRelease",
      [
        {
          repository: "acme/hello",
          commit: pulumi.output("main"),
          token: pulumi.secret("x"),
          endpoint: undefined,
        },
      ],
    ],
    ["directoryRelease", [{ directory: "public", notes: pulumi.output("Notes"), tag: "cli/{tag}" }]],
    [
      "ociRegistry",
      [{ host: "ghcr.io", username: "me", password: pulumi.secret("x"), namespace: undefined }],
    ],
  ];
  for (const [name, args] of accepted) {
    it(`accept ${name}(${args.length === 0 ? "" : "…"}) as its types do`, () => {
      assert.doesNotThrow(() => functions[name]?.(...args));
    });
  }
});
