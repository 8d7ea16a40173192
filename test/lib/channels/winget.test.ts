import assert from "node:assert/strict";
import { parse } from "yaml";
import * as z from "zod";
import { ChannelError, type ChannelArtifact } from "../../../lib/channels/artifact";
import {
  renderWingetManifests,
  wingetVersionPattern,
  type WingetPackage,
} from "../../../lib/channels/winget/manifests";

/**
 * What the schemas of winget 1.12.0 say of the fields that are written (microsoft/winget-cli,
 * schemas/JSON/manifests/v1.12.0, as of November 2026); fields that they do not have are refused.
 */
const word = '[^\\.\\s\\\\/:\\*\\?"<>\\|\\x01-\\x1f]{1,32}';
const head = {
  PackageIdentifier: z
    .string()
    .max(128)
    .regex(new RegExp(`^${word}(\\.${word}){1,7}$`)),
  PackageVersion: z
    .string()
    .max(128)
    // eslint-disable-next-line no-control-regex -- as the schema has it
    .regex(/^[^\\/:*?"<>|\x01-\x1f]+$/),
  ManifestVersion: z.literal("1.12.0"),
};
const locale = z
  .string()
  .max(20)
  .regex(/^([a-zA-Z]{2,3}|[iI]-[a-zA-Z]+|[xX]-[a-zA-Z]{1,8})(-[a-zA-Z]{1,8})*$/);
const address = z
  .string()
  .max(2048)
  .regex(/^([Hh][Tt][Tt][Pp][Ss]?):\/\/.+$/);
const command = z.string().min(1).max(40);
const tag = z.string().min(1).max(40);

const schemas = {
  version: z.strictObject({ ...head, DefaultLocale: locale, ManifestType: z.literal("version") }),
  installer: z.strictObject({
    ...head,
    ReleaseDate: z.iso.date().optional(),
    Installers: z
      .array(
        z.strictObject({
          Architecture: z.enum(["x86", "x64", "arm", "arm64", "neutral"]),
          InstallerType: z.enum(["zip", "portable"]),
          NestedInstallerType: z.literal("portable").optional(),
          NestedInstallerFiles: z
            .array(
              z.strictObject({ RelativeFilePath: z.string().min(1).max(512), PortableCommandAlias: command }),
            )
            .max(1024)
            .optional(),
          Commands: z.array(command).max(16).optional(),
          InstallerUrl: address,
          InstallerSha256: z.string().regex(/^[A-Fa-f0-9]{64}$/),
        }),
      )
      .min(1)
      .max(1024),
    ManifestType: z.literal("installer"),
  }),
  defaultLocale: z.strictObject({
    ...head,
    PackageLocale: locale,
    Publisher: z.string().min(2).max(256),
    PackageName: z.string().min(2).max(256),
    PackageUrl: address,
    License: z.string().min(3).max(512),
    LicenseUrl: address.optional(),
    ShortDescription: z.string().min(3).max(256),
    Moniker: tag.optional(),
    Tags: z.array(tag).max(16).optional(),
    ReleaseNotesUrl: address.optional(),
    ManifestType: z.literal("defaultLocale"),
  }),
};

function artifactFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const name = `hello_1.2.3_${platform.replace("/", "_")}.zip`;
  return {
    name,
    platform,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${name}`,
    digest: `sha256:${"ab".repeat(32)}`,
    format: "zip",
    root: "hello-1.2.3",
    programs: ["bin/hello.exe"],
    contents: ["bin/hello.exe", "README.md"],
    ...more,
  };
}

const declared: WingetPackage = {
  identifier: "Acme.Hello",
  version: "v1.2.3",
  publisher: "Acme",
  packageName: "Hello",
  description: 'Greets: the world, "all" of it #1',
  homepage: "https://acme.example/hello",
  license: "Apache-2.0",
  locale: "en-US",
};
const all = ["windows/amd64", "windows/386", "windows/arm64", "linux/amd64"].map((name) => artifactFor(name));

function read(more: Partial<WingetPackage> = {}, files = all) {
  const texts = renderWingetManifests({ ...declared, ...more }, files);
  const manifests = Object.values(texts).map((text) => parse(text) as { ManifestType: keyof typeof schemas });
  const [version, installer, texts_] = (["version", "installer", "defaultLocale"] as const).map((type) =>
    schemas[type].parse(manifests.find(({ ManifestType }) => ManifestType === type)),
  );
  return {
    paths: Object.keys(texts),
    texts,
    version,
    installer: installer as z.infer<typeof schemas.installer>,
    words: texts_,
  };
}

describe("manifests of winget", () => {
  it("are three, in the folder of their version, as the schemas have them", () => {
    const { paths, version, words } = read({
      licenseUrl: "https://acme.example/license",
      moniker: "hello",
      tags: ["cli", "greeting"],
      releaseDate: "2026-11-30",
      releaseNotesUrl: "https://acme.example/notes",
    });
    const folder = "manifests/a/Acme/Hello/1.2.3";
    assert.deepEqual(paths, [
      `${folder}/Acme.Hello.yaml`,
      `${folder}/Acme.Hello.installer.yaml`,
      `${folder}/Acme.Hello.locale.en-US.yaml`,
    ]);
    assert.equal((version as { PackageVersion: string }).PackageVersion, "1.2.3");
    assert.equal((words as { ShortDescription: string }).ShortDescription, declared.description);
  });

  it("have a zip for each processor, with where its programs are and how they are called", () => {
    const { installer } = read();
    assert.deepEqual(
      installer.Installers.map(({ Architecture }) => Architecture),
      ["x64", "x86", "arm64"],
    );
    assert.deepEqual(installer.Installers[0], {
      Architecture: "x64",
      InstallerType: "zip",
      NestedInstallerType: "portable",
      NestedInstallerFiles: [
        { RelativeFilePath: "hello-1.2.3\\bin\\hello.exe", PortableCommandAlias: "hello" },
      ],
      InstallerUrl: all[0]?.url,
      InstallerSha256: "AB".repeat(32),
    });
  });

  it("have a program that is released as it is", () => {
    const file = artifactFor("windows/amd64", {
      format: "binary",
      name: "hello.exe",
      programs: ["hello.exe"],
      root: undefined,
    });
    const { installer } = read({}, [file]);
    assert.deepEqual(installer.Installers[0]?.Commands, ["hello"]);
    assert.equal(installer.Installers[0]?.InstallerType, "portable");
  });

  it("say a version that is found again, of a pre-release too", () => {
    const { texts } = read({ version: "1.3.0-rc.1" });
    const [first = ""] = Object.values(texts);
    assert.equal(new RegExp(wingetVersionPattern, "m").exec(first)?.[1], "1.3.0-rc.1");
  });

  for (const [what, more, files, field, rule] of [
    [
      "an identifier of one word",
      { identifier: "Hello" },
      all,
      "identifier",
      /two to eight words.*"Acme\.Hello"/,
    ],
    ["an identifier with a slash", { identifier: "Acme.a/b" }, all, "identifier", /two to eight words/],
    ["a license of two letters", { license: "X1" }, all, "license", /3 to 512 characters, not 2/],
    ["a description that is too long", { description: "x".repeat(257) }, all, "description", /not 257/],
    ["a tag twice", { tags: ["cli", "cli"] }, all, "tags", /each once/],
    ["a moniker that is too long", { moniker: "x".repeat(41) }, all, "moniker", /40 characters/],
    ["a day that is none", { releaseDate: "2026-02-30" }, all, "releaseDate", /a day/],
    ["a locale that is none", { locale: "English" }, all, "locale", /"en-US"/],
    ["no platform of Windows", {}, [artifactFor("linux/amd64")], "archive", /windows\/amd64/],
    ["a tar archive", {}, [artifactFor("windows/amd64", { format: "tar.gz" })], "archive", /formats: .*zip/],
    [
      "a script",
      {},
      [artifactFor("windows/amd64", { programs: ["hello.cmd"] })],
      "archive",
      /hello\.cmd is no \.exe/,
    ],
    ["no program", {}, [artifactFor("windows/amd64", { programs: [] })], "archive", /has no program/],
  ] as [string, Partial<WingetPackage>, ChannelArtifact[], string, RegExp][]) {
    it(`are not made of ${what}`, () => {
      assert.throws(
        () => renderWingetManifests({ ...declared, ...more }, files),
        (error: unknown) => error instanceof ChannelError && error.field === field && rule.test(error.reason),
      );
    });
  }
});
