import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  apkRepository,
  aptRepository,
  asdfPlugin,
  aurPackage,
  chocolateyPackage,
  DeclarationError,
  directoryRelease,
  Distribution,
  entryScript,
  externalImagesTable,
  fileRegions,
  fileTemplate,
  githubRelease,
  homebrewCask,
  homebrewFormula,
  imagesTable,
  installSection,
  keyless,
  krewPlugin,
  nixFlake,
  npmPackages,
  snapPackage,
  ociRegistry,
  powershellInstaller,
  pullRequestTags,
  pypiProject,
  releasedFile,
  rpmRepository,
  scoopManifest,
  shellInstaller,
  tagsTable,
  verifySection,
  wholeFile,
  wingetPackage,
  type ChannelTarget,
  type DistributionArgs,
  type DocumentTarget,
} from "../../components";

type Inputs = Record<string, unknown>;
interface MadeDocument {
  path: string;
  edits: {
    region?: { name: string; text: string };
    whole?: { text: string };
    template?: { from: string; values: Record<string, string> };
  }[];
  version?: string;
}

const digest = `sha256:${"a".repeat(64)}`;
const otherDigest = `sha256:${"b".repeat(64)}`;
const author = { name: "Acme releases", email: "releases@acme.example" };
const what = { author, description: "Greets", homepage: "https://acme.example/hello" };
const program = {
  directory: ".",
  command: ["make"],
  sources: ["*"],
  platforms: ["linux/amd64", "darwin/arm64", "windows/amd64"],
};

/** The documents that a distribution makes, by path, as the provider gets them. */
async function documentsOf(
  documents: DocumentTarget[],
  more: Partial<DistributionArgs> = {},
): Promise<Record<string, MadeDocument>> {
  const found: Record<string, MadeDocument> = {};
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs: given }) {
        const inputs = given as Inputs;
        if (type === "slipway:files:Document") {
          const made = inputs as unknown as MadeDocument;
          found[made.path] = made;
        }
        const file = { path: name, digest, name };
        const references = { redis: `docker.io/library/redis:7-alpine@${otherDigest}` };
        const state = {
          ...inputs,
          ...file,
          digest,
          file,
          artifact: file,
          files: { hello: file, "hello.exe": file },
          references,
          state: "published",
        };
        return { id: name, state };
      },
      call: ({ inputs }) => inputs as Inputs,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", {
    version: "v1.2.3",
    licenses: "MIT",
    registries: [
      ociRegistry({ host: "ghcr.io", namespace: "acme" }),
      ociRegistry({ host: "docker.io", namespace: "acme" }),
    ],
    platforms: ["linux/amd64", "linux/arm64"],
    binaries: { hello: program },
    images: { hello: { files: [{ to: "/hello.txt", source: "hello.txt" }] } },
    archives: { hello: { binaries: ["hello"], formats: { windows: "zip" } } },
    release: githubRelease({ repository: "acme/hello", token: pulumi.secret("t") }),
    documents,
    ...more,
  });
  await pulumi.runtime.disconnect();
  return found;
}

async function textOf(
  section: Parameters<typeof wholeFile>[1],
  more?: Partial<DistributionArgs>,
): Promise<string> {
  const { "A.md": made } = await documentsOf([wholeFile("A.md", section)], more);
  return made?.edits[0]?.whole?.text ?? "";
}

/** A channel of each kind, at addresses that users reach, and what they type. */
const channels: [ChannelTarget, string][] = [
  [
    homebrewFormula({ ...what, tap: "https://github.com/acme/homebrew-tap.git" }),
    "### Homebrew (macOS and Linux)\n\n```sh\nbrew install acme/tap/hello\n```",
  ],
  [
    homebrewCask({ ...what, notarized: true, tap: "https://github.com/acme/homebrew-tap.git" }),
    "### Homebrew (macOS)\n\n```sh\nbrew install --cask acme/tap/hello\n```",
  ],
  [
    asdfPlugin({ author, repository: "https://github.com/acme/asdf-hello.git" }),
    "```sh\nasdf plugin add hello https://github.com/acme/asdf-hello.git\nasdf install hello latest\n```",
  ],
  [
    apkRepository({
      directory: "alpine",
      label: "Acme",
      url: "https://alpine.acme.example/",
      maintainer: "Acme <a@acme.example>",
      key: pulumi.secret("k"),
      packages: { hello: { programs: ["hello"], description: "Greets" } },
    }),
    "### apk (Alpine)\n\n```sh\nwget -O /etc/apk/keys/hello.rsa.pub https://alpine.acme.example/hello.rsa.pub\necho https://alpine.acme.example >>/etc/apk/repositories\napk add hello\n```",
  ],
  [
    homebrewFormula({ ...what, tap: "https://git.acme.example/acme/brew.git" }),
    "```sh\nbrew tap acme/tap https://git.acme.example/acme/brew\nbrew install acme/tap/hello\n```",
  ],
  [
    scoopManifest({ ...what, bucket: "git@github.com:acme/scoop-bucket.git" }),
    "### Scoop (Windows)\n\n```powershell\nscoop bucket add acme https://github.com/acme/scoop-bucket\nscoop install acme/hello\n```",
  ],
  [
    chocolateyPackage({
      authors: "Acme",
      description: "Greets",
      homepage: "https://acme.example",
      tags: ["hello"],
      licenseUrl: "https://acme.example/license",
    }),
    "```powershell\nchoco install hello\n```",
  ],
  [aurPackage(what), "### the AUR (Arch Linux)\n\n```sh\nyay -S hello-bin\n```"],
  [
    aurPackage({ ...what, repository: "https://git.acme.example/acme/aur.git" }),
    "```sh\ngit clone https://git.acme.example/acme/aur.git hello-bin\n(cd hello-bin && makepkg -si)\n```",
  ],
  [
    nixFlake({ ...what, repository: "https://github.com/acme/nix.git" }),
    "```sh\nnix profile install github:acme/nix#hello\n```",
  ],
  [
    krewPlugin({
      author,
      homepage: what.homepage,
      shortDescription: "Greets",
      index: "https://github.com/acme/krew-index.git",
      program: "hello",
    }),
    "```sh\nkubectl krew index add acme https://github.com/acme/krew-index.git\nkubectl krew install acme/hello\n```",
  ],
  [
    wingetPackage({ ...what, identifier: "Acme.Hello", pullRequest: { fork: "acme/winget-pkgs" } }),
    "```powershell\nwinget install Acme.Hello\n```",
  ],
  [
    aptRepository({
      directory: "apt",
      origin: "Acme",
      url: "https://apt.acme.example/",
      maintainer: "Acme <a@acme.example>",
      key: pulumi.secret("k"),
      packages: { hello: { programs: ["hello"], description: "Greets" } },
    }),
    "```sh\nsudo curl -fsSLo /etc/apt/sources.list.d/hello.sources https://apt.acme.example/hello.sources\nsudo apt-get update\nsudo apt-get install hello\n```",
  ],
  [
    rpmRepository({
      directory: "rpm",
      label: "Acme",
      url: "https://rpm.acme.example",
      maintainer: "Acme <a@acme.example>",
      key: pulumi.secret("k"),
      packages: { hello: { programs: ["hello"], description: "Greets" } },
    }),
    "```sh\nsudo dnf config-manager addrepo --from-repofile=https://rpm.acme.example/hello.repo\nsudo dnf install hello\n```",
  ],
  [
    pypiProject({
      project: "hello",
      token: pulumi.secret("t"),
      wheels: { summary: "Greets", platforms: ["linux/amd64"] },
    }),
    "```sh\npipx install hello\n```",
  ],
  [
    npmPackages({ token: pulumi.secret("t"), programs: { name: "@acme/hello", description: "Greets" } }),
    "```sh\nnpm install --global @acme/hello\n```",
  ],
  [
    snapPackage({ programs: ["hello"], summary: "Greets", description: "Greets", confinement: "classic" }),
    '```sh\ncurl -fLO "https://downloads.acme.example/hello_1.2.3_amd64.snap"\n' +
      'sudo snap install --dangerous --classic "./hello_1.2.3_amd64.snap"\n```',
  ],
];

const release = {
  distribution: "hello",
  version: "v1.2.3",
  licenses: "MIT",
  sumsFile: "SHA256SUMS",
  downloadUrl: (file: string) => `https://downloads.acme.example/${file}`,
  archives: {},
  extraArtifacts: {},
  releasedImages: {},
  programs: { hello: ["linux/amd64"] },
};

describe("sections of documents", () => {
  it("CORE-23: how to install: images first, then installers, channels, charts and the archives", async () => {
    const text = await textOf(installSection(), {
      installers: { "install.sh": shellInstaller() },
      channels: [homebrewFormula({ ...what, tap: "https://github.com/acme/homebrew-tap.git" })],
      charts: { hello: { directory: "charts/hello" } },
      // Docker Hub takes no repository with a folder, such as charts/hello.
      registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
    });
    assert.equal(
      text,
      `### Docker

\`\`\`sh
docker pull ghcr.io/acme/hello:v1.2.3
\`\`\`

### Script (Linux and macOS)

\`\`\`sh
curl -fsSL https://github.com/acme/hello/releases/latest/download/install.sh | sh
\`\`\`

### Homebrew (macOS and Linux)

\`\`\`sh
brew install acme/tap/hello
\`\`\`

### Helm (Kubernetes)

\`\`\`sh
helm install hello oci://ghcr.io/acme/charts/hello --version 1.2.3
\`\`\`

### Download

| Platform | File |
| --- | --- |
| linux/amd64 | [hello_1.2.3_linux_amd64.tar.gz](https://github.com/acme/hello/releases/download/v1.2.3/hello_1.2.3_linux_amd64.tar.gz) |
| darwin/arm64 | [hello_1.2.3_darwin_arm64.tar.gz](https://github.com/acme/hello/releases/download/v1.2.3/hello_1.2.3_darwin_arm64.tar.gz) |
| windows/amd64 | [hello_1.2.3_windows_amd64.zip](https://github.com/acme/hello/releases/download/v1.2.3/hello_1.2.3_windows_amd64.zip) |`,
    );
  });

  for (const [channel, expected] of channels) {
    it(`what users type for ${channel.kind} ${channel.name}`, () => {
      const way = channel.install?.(release);
      assert.ok(way);
      const heading = `### ${way.with}${way.on === undefined ? "" : ` (${way.on})`}`;
      const text = `${heading}\n\n\`\`\`${way.shell ?? "sh"}\n${way.commands.join("\n")}\n\`\`\``;
      assert.ok(text.endsWith(expected), text);
    });
  }

  it("say nothing of places that users do not reach", () => {
    const folder = ".slipway/place.git";
    for (const channel of [
      homebrewFormula({ ...what, tap: folder }),
      scoopManifest({ ...what, bucket: folder }),
      nixFlake({ ...what, repository: folder }),
      aptRepository({
        directory: "apt",
        origin: "Acme",
        maintainer: "Acme <a@acme.example>",
        key: pulumi.secret("k"),
        packages: { hello: { programs: ["hello"], description: "Greets" } },
      }),
      wingetPackage({ ...what, identifier: "Acme.Hello", repository: "https://github.com/acme/winget.git" }),
    ])
      assert.equal(channel.install?.(release), undefined, channel.kind);
  });

  it("list images by tag and digest, tags by what they do, and external images as they were found", async () => {
    assert.equal(
      await textOf(imagesTable()),
      `| Image | Platforms | Digest |\n| --- | --- | --- |\n| \`ghcr.io/acme/hello:v1.2.3\` | linux/amd64, linux/arm64 | \`${digest}\` |`,
    );
    assert.equal(
      await textOf(tagsTable()),
      "| Tag | What it is |\n| --- | --- |\n| `v1.2.3` | this version; it never moves |\n| `v1.2` | the latest stable version of 1.2 |\n" +
        "| `v1` | the latest stable version of 1 |\n| `latest` | the latest stable version |",
    );
    assert.equal(
      await textOf(externalImagesTable(), { externalImages: { redis: "redis:7-alpine" } }),
      `| Image | Digest |\n| --- | --- |\n| \`redis:7-alpine\` | \`${otherDigest}\` |`,
    );
  });
});

describe("documents in a program", () => {
  it("are given the values of the release, and sections by name", async () => {
    const { "B.md": made } = await documentsOf([
      fileTemplate("B.md", {
        from: "templates/B.md",
        values: { install: "of {tag}", images: imagesTable({ digests: false }) },
      }),
    ]);
    assert.deepEqual(made?.edits[0]?.template, {
      from: "templates/B.md",
      values: {
        version: "v1.2.3",
        semver: "1.2.3",
        tag: "v1.2.3",
        name: "hello",
        "images.hello.repository": "ghcr.io/acme/hello",
        "images.hello.tag": "v1.2.3",
        "images.hello.latest": "latest",
        "images.hello.digest": digest,
        install: "of v1.2.3",
        images:
          "| Image | Platforms |\n| --- | --- |\n| `ghcr.io/acme/hello:v1.2.3` | linux/amd64, linux/arm64 |",
      },
    });
    assert.equal(made?.version, "v1.2.3");
  });

  const always = wholeFile("always.txt", "x", { follows: "declaration" });
  const ofRelease = fileRegions("README.md", { version: "{version}" });
  for (const [when, more, expected] of [
    ["a release", {}, ["README.md", "always.txt"]],
    ["a test", { environment: "test" }, ["always.txt"]],
    ["a pull request", { pullRequest: 7, tags: pullRequestTags(), version: undefined }, ["always.txt"]],
  ] as const) {
    it(`are those that ${when} has`, async () => {
      const made = await documentsOf([always, ofRelease], more);
      assert.deepEqual(Object.keys(made).sort(), expected);
      assert.equal(made["always.txt"]?.version, undefined);
    });
  }

  it("are not asked what a release has, where there is none", async () => {
    const channels = [
      homebrewFormula({ ...what, asset: true, tap: "https://github.com/acme/homebrew-tap.git" }),
    ];
    const more = { environment: "test" as const, channels };
    assert.deepEqual(await documentsOf([wholeFile("A.rb", releasedFile("hello.rb"))], more), {});
  });

  for (const [reason, documents, message, more] of [
    [
      "a name without a value",
      [fileRegions("README.md", { version: "a\n{versoin}" })],
      /documents\[0\]\.regions\.version: line 2: nothing takes the place of \{versoin\}; did you mean \{version\}\?/,
    ],
    [
      "two for one file",
      [always, wholeFile("always.txt", "y")],
      /documents\[1\]\.path: "always\.txt" is that of another document/,
    ],
    [
      "regions where there are no comments",
      [fileRegions("package.json", { a: "b" })],
      /documents\[0\]\.path: "package\.json" can have no regions/,
    ],
    [
      "a path elsewhere",
      [fileRegions("/README.md", { a: "b" })],
      /documents\[0\]\.path: "\/README\.md" is absolute \(a valid example: "README\.md"\)/,
    ],
    [
      "a file of an image",
      [fileRegions("hello.txt", { a: "b" })],
      /documents\[0\]\.path: "hello\.txt" is in image hello, which is released before it is written/,
    ],
    [
      "an image that there is not",
      [wholeFile("A.md", installSection({ images: ["other"] }))],
      /documents\[0\]\.content\.images\[0\]: there is no image "other"; declared are hello/,
    ],
    [
      "external images where there are none",
      [wholeFile("A.md", externalImagesTable())],
      /documents\[0\]\.content: the distribution declares no externalImages/,
    ],
    [
      "how an identity is checked, which has no key that stays",
      [wholeFile("A.md", verifySection())],
      /documents\[0\]\.content: it says how a key is checked, and an identity has none that stays/,
      {
        trust: {
          sign: keyless({
            issuer: "https://token.actions.githubusercontent.com",
            identity: "https://github.com/acme/hello",
            trustedRoot: "trusted_root.json",
          }),
        },
      },
    ],
    [
      "a file that the release has not",
      [wholeFile("A.rb", releasedFile("hello.rv"))],
      /documents\[0\]\.content: "hello\.rv" is neither an installer nor a file of a channel: the release has hello\.rb \(did you mean hello\.rb\?\)/,
      {
        channels: [
          homebrewFormula({ ...what, asset: true, tap: "https://github.com/acme/homebrew-tap.git" }),
        ],
      },
    ],
    [
      "a file of a release that there is not",
      [wholeFile("A.rb", releasedFile("hello.rb"), { follows: "declaration" })],
      /documents\[0\]\.content: this run releases nothing/,
      { environment: "test" },
    ],
    [
      "a script for programs where there are none",
      [entryScript("build.sh", { mode: "build", only: "programs" })],
      /documents\[0\]\.only: the distribution has no binaries/,
      { binaries: undefined, archives: undefined, release: undefined },
    ],
    [
      "a name that the release has",
      [fileTemplate("A.md", { from: "a", values: { version: "x" } })],
      /documents\[0\]\.values\.version: \{version\} is that of the release/,
    ],
    [
      "something else",
      [{ kind: "a", path: "b" } as unknown as DocumentTarget],
      /documents\[0\]: .*fileRegions\(…\) or another object with kind, path and edits\(\) is expected/,
    ],
  ] as [string, DocumentTarget[], RegExp, Partial<DistributionArgs>?][]) {
    it(`are refused before anything is made: ${reason}`, async () => {
      await assert.rejects(documentsOf(documents, more), (error: Error) => {
        assert.ok(error instanceof DeclarationError, error.message);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("are refused where they are called, with the argument", () => {
    assert.throws(
      () => fileRegions("README.md", {}),
      /fileRegions\(\)[^]*regions: at least one region is expected/,
    );
    assert.throws(() => fileRegions("README.md", { "a b": "c" }), /regions/);
    assert.throws(() => fileTemplate("A.md", { form: "a" } as never), /form[^]*did you mean "?from/);
    assert.throws(() => wholeFile("A.md", 7 as never), /content: .*a text, or a section/);
    assert.throws(() => installSection({ level: 9 }), /level/);
    assert.throws(() => entryScript("../a.sh"), /entryScript\(\)[^]*path: .*in the project's folder/);
    assert.throws(() => entryScript("a.sh", { only: "programs" }), /only: it is for mode: "build"/);
    assert.throws(() => entryScript("a.sh", { withoutVersion: ["dev"] }), /withoutVersion: .*versionFrom/);
    assert.throws(
      () => entryScript("a.sh", { versionFrom: "configuration", withoutVersion: ["$(id)"] }),
      /withoutVersion\[0\]/,
    );
  });

  it("have the line for PowerShell, and refuse it where there is nothing for Windows", async () => {
    const text = await textOf(installSection(), { installers: { "install.ps1": powershellInstaller() } });
    assert.match(
      text,
      /### PowerShell \(Windows\)\n\n```powershell\nirm https:\/\/github\.com\/acme\/hello\/releases\/latest\/download\/install\.ps1 \| iex\n```/,
    );
    const script = await textOf(releasedFile("install.ps1"), {
      installers: { "install.ps1": powershellInstaller({ directory: "%USERPROFILE%\\it's" }) },
    });
    assert.match(script, /\$usualDirectory = '%USERPROFILE%\\it''s'\n/);
    assert.match(script, /File = 'hello_' \+ \$Wanted \+ '_windows_amd64\.zip'\n[^}]*Sum = 'a{64}'\n/);
    const platforms = ["linux/amd64"];
    await assert.rejects(
      documentsOf([], {
        binaries: { hello: { ...program, platforms } },
        installers: { "install.ps1": powershellInstaller() },
      }),
      /installers\["install\.ps1"\]\.archive: hello has no file for Windows/,
    );
    assert.throws(
      () => powershellInstaller({ directory: "/opt/hello" }),
      /directory: .*a path from a variable or a drive/,
    );
  });

  it("have the addresses of a folder that is served", async () => {
    const release = directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" });
    const text = await textOf(installSection(), { release, installers: { "install.sh": shellInstaller() } });
    assert.match(
      text,
      /curl -fsSL https:\/\/downloads\.acme\.example\/releases\/latest\/download\/install\.sh \| sh/,
    );
  });
});
