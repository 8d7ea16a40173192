import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checkRepositoryPath } from "../oci/reference";
import { checked } from "../schema/definition";
import { findingsOf, type Finding } from "../schema/findings";
import { DeclarationError } from "./declaration-error";
import { download, downloadFindings, programNames } from "./download-declaration";
import { base, builder, dockerfileFields, dockerfileFindings } from "./dockerfile-declaration";
import { modeFindings } from "./environment";
import { externalImageFields } from "./external-images";
import { platforms } from "./platform-list";
import { archive, checksums, releases } from "./release-declaration";
import { localFileFindings } from "./local-files";
import { archiveFindings, releaseFindings } from "./release-findings";
import { ImageFolder, Registry } from "./registry";
import { repositoryFindings } from "./repository-findings";
import type { TagRule } from "./tag-rules";
import type { GateRule } from "./gates";
import { trust } from "./trust-declaration";

/** What a program declares of a distribution, as shapes that are checked before any resource is registered. */

const text = z.union([
  z.string(),
  z.custom<pulumi.Output<string>>((value) => pulumi.Output.isInstance(value)),
]);
const texts = z.record(z.string().min(1), text);

const file = z
  .strictObject({
    /** Absolute path in the image. With a folder as source: where its content goes. */
    target: z
      .string()
      .startsWith("/", "an absolute path in the image is expected")
      .meta({ examples: ["/usr/local/bin/hello"] }),
    /** File or folder, relative to the project's folder. `{os}`, `{arch}`, `{variant}` and `{version}` are replaced. */
    source: z.string().min(1).optional(),
    /** Name of a binary of this distribution, for the image's platform. */
    binary: z.string().min(1).optional(),
    /** Content of a file, as UTF-8. */
    content: z.string().optional(),
    /** Target of a symbolic link, as it will be read inside the image. */
    symlink: z.string().min(1).optional(),
    /** A folder of its own, to give it a mode or an owner, or to have it empty. */
    directory: z.boolean().optional(),
    /** Removes what a layer below has at this path, by a whiteout (image-spec, layer.md). */
    remove: z.boolean().optional(),
    /** Octal mode, e.g. `"0755"`. Default: 0755 for what is executable on disk and for folders, 0644 for the rest. */
    mode: z.string().optional(),
    /** Numeric owner. Default: 0. */
    uid: z.number().int().nonnegative().optional(),
    /** Numeric group. Default: 0. */
    gid: z.number().int().nonnegative().optional(),
  })
  .superRefine((value, context) => {
    const kinds = (["source", "binary", "content", "symlink", "directory", "remove"] as const).filter(
      (kind) => value[kind] !== undefined,
    );
    if (kinds.length !== 1) {
      context.addIssue({
        code: "custom",
        message: `${kinds.length === 0 ? "says not what is there" : `has ${kinds.join(" and ")}`}: exactly one of source, binary, content, symlink, directory and remove is expected (a valid example: { target: "/usr/local/bin/hello", binary: "hello" })`,
      });
    }
  });

const healthcheck = z.strictObject({
  /** Program and arguments, or a text for the shell; exit code 0 is healthy. */
  test: z.union([z.array(z.string()).min(1), z.string()]),
  /** Seconds between two checks. Default: that of the engine, 30. */
  intervalSeconds: z.number().positive().optional(),
  /** Seconds that a check may take. Default: that of the engine, 30. */
  timeoutSeconds: z.number().positive().optional(),
  /** Seconds after the start in which a failure does not count. Default: 0. */
  startPeriodSeconds: z.number().nonnegative().optional(),
  /** Failures in a row after which the container is unhealthy. Default: that of the engine, 3. */
  retries: z.number().int().positive().optional(),
});

const image = z.strictObject({
  /** Name of the repository below the registry's namespace. Default: the image's name. */
  repository: checked(checkRepositoryPath)
    .meta({ examples: ["hello"] })
    .optional(),
  /** Further repositories for the same digests and tags, below every registry's namespace (G-02). */
  aliases: z
    .array(checked(checkRepositoryPath))
    .min(1)
    .meta({ examples: [["core"]] })
    .optional(),
  /** Platforms of this image, where they are not those of the distribution. */
  platforms: platforms.optional(),
  /** Image to start from; with a Dockerfile, names of images of this distribution. Default: none. */
  base: base.optional(),
  /** Files of an image without a Dockerfile, one layer for all of them, over the base. */
  files: z.array(file).min(1, "at least one file is expected").optional(),
  /** Compression of the layers. Default: `gzip`; `zstd` needs clients that know it (Docker 23 or newer). */
  compression: z.enum(["gzip", "zstd", "none"]).optional(),
  /** Program and first arguments of a container. */
  entrypoint: z.array(z.string()).optional(),
  /** Arguments where a user gives none. */
  cmd: z.array(z.string()).optional(),
  /** Variables of the environment of a container. */
  env: texts.optional(),
  /** Labels of the configuration; the standard ones (source, version, licences) are set by themselves. */
  labels: texts.optional(),
  /** Annotations of the manifests and the index; the standard ones are set by themselves. */
  annotations: texts.optional(),
  /** Ports that the program listens on, TCP unless said: `8080`, `"53/udp"`. */
  ports: z.array(z.union([z.number().int().min(1).max(65535), z.string()])).optional(),
  /** User, and group after a colon, that processes run as. Default: that of the base, else root. */
  user: z.string().optional(),
  /** Absolute path that processes start in. */
  workingDir: z.string().optional(),
  /** Absolute paths that the engine makes volumes of. */
  volumes: z.array(z.string()).optional(),
  /** Signal that asks a container to end, e.g. `SIGTERM`. */
  stopSignal: z.string().optional(),
  /** How an engine tells whether a container is healthy. */
  healthcheck: healthcheck.optional(),
  /** Creation time, RFC 3339. Default: the epoch, so that equal inputs give equal digests. */
  created: z.string().optional(),
  ...dockerfileFields,
});

const binary = z.strictObject({
  /** Folder of the sources, relative to the project's. */
  directory: z.string().optional(),
  /** Program and arguments, or a text for `sh -eu`; it leaves the binary in `{output}` under its name. */
  command: z
    .union([z.array(z.string().min(1)).min(1), z.string().min(1)])
    .meta({ examples: [["go", "build", "-o", "{output}/hello", "."]] }),
  /** Patterns of the files that the binary is made from. */
  sources: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["**/*.go", "go.mod"]] }),
  /** Variables of the command, over `GOOS`, `GOARCH` and `GOARM`, which are set. */
  environment: z.record(z.string(), z.string()).optional(),
  /** Name of the file in `{output}`. Default: the binary's name, with `.exe` for Windows. */
  output: z.string().optional(),
  /** Seconds after which the command is ended. Default: 3600. */
  timeoutSeconds: z.number().positive().optional(),
  /** Whether the command may run at preview. Default: true. */
  atPreview: z.boolean().optional(),
  /** Platforms that archives get it for, whatever those of the images. Default: those of the distribution. */
  targets: platforms.optional(),
  /** Where each target's file is placed in the project, from `{name}`, `{os}`, `{arch}`, `{variant}` and `{exe}`. Default: nowhere. */
  place: z
    .string()
    .min(1)
    .meta({ examples: ["dist/{os}_{arch}/{name}{exe}"] })
    .optional(),
  /** What differs on a target. */
  overrides: z
    .record(
      z.string(),
      z.strictObject({
        /** Another command. */
        command: z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]).optional(),
        /** Variables over those of the binary. */
        environment: z.record(z.string(), z.string()).optional(),
        /** Another name of the file in `{output}`. */
        output: z.string().optional(),
      }),
    )
    .optional(),
  /** Whether the file is checked to be an executable for its platform. Default: where `targets` are declared. */
  executable: z.boolean().optional(),
  /** Run with the built file where the machine can run it; elsewhere the result is "not executed". */
  test: z
    .strictObject({
      /** Program and arguments; `{file}` is the built file. */
      command: z
        .array(z.string().min(1))
        .min(1)
        .meta({ examples: [["{file}", "--version"]] }),
      /** Regular expression that a printed line has to match. */
      prints: z.string().optional(),
      /** Most seconds that it may take, as the fastest of up to ten runs, e.g. `0.1`. */
      withinSeconds: z.number().positive().optional(),
    })
    .optional(),
  /** Limit of the file's size in bytes, e.g. `{ maximum: 10_000_000 }`. */
  budget: z
    .strictObject({
      /** Most bytes of the file. */
      maximum: z
        .number()
        .int()
        .positive()
        .meta({ examples: [10_000_000] }),
    })
    .optional(),
});

const programName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);

const gateRule = z.custom<GateRule>(
  (value) => typeof value === "function",
  "a function from images to resources is expected, e.g. (images) => [new Check(…)]",
);

export const distributionShape = z.strictObject({
  /** Semantic version of the release. Absent for branches, pull requests and nightly builds. */
  version: z.string().min(1).optional(),
  /** Full hash of the commit that is built, for tags, annotations and provenance. */
  commit: z.string().optional(),
  /** Branch that is built, for its tag, where there is no version. */
  branch: z.string().optional(),
  /** Number of the pull request that is built: its tags are computed, and nothing is published. */
  pullRequest: z.number().int().positive().optional(),
  /**
   * `test` builds and proves everything on this machine and publishes nothing, as a pull request does. Default:
   * `production`.
   */
  environment: z.enum(["production", "test"]).optional(),
  /**
   * `build` builds and proves everything on this machine and publishes nothing; `load` does that and gives the images of
   * the local platform to the Docker engine, under their names and tags. Default: `publish`, where the environment is
   * one that publishes.
   */
  mode: z.enum(["publish", "build", "load"]).optional(),
  /** Where the sources are, for the standard annotations. */
  source: z
    .url()
    .optional()
    .meta({ examples: ["https://github.com/acme/hello"] }),
  /** Licences as an SPDX expression, for the standard annotations. */
  licenses: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["Apache-2.0"] }),
  /** Build date as `YYYYMMDD`, where a published version is built again. */
  rebuilt: z.string().optional(),
  /** Where the images go: the first is published to, the others are mirrors of it. */
  registries: z
    .array(
      z.custom<Registry | ImageFolder>(
        (value) => value instanceof Registry || value instanceof ImageFolder,
        "a Registry or an ImageFolder is expected",
      ),
    )
    .min(1, "at least one registry is expected")
    .superRefine((list, context) => {
      if (list[0] !== undefined && !(list[0] instanceof Registry)) {
        context.addIssue({
          code: "custom",
          path: [0],
          message: "the first one has to be a Registry: the others are mirrors of it",
        });
      }
      for (const [index, { name }] of list.entries()) {
        if (list.findIndex((other) => other.name === name) < index) {
          context.addIssue({ code: "custom", path: [index], message: `${name} is listed twice` });
        }
      }
    })
    .meta({ examples: [`new Registry({ endpoint: "ghcr.io", namespace: "acme" })`] }),
  platforms,
  /** Images by name, which is that of the repository below each namespace. */
  images: z
    .record(checked(checkRepositoryPath), image)
    .refine((images) => Object.keys(images).length > 0, "at least one image is expected"),
  /**
   * Builder of the images with a Dockerfile that declare none: a name, or one for each platform; `embedded` is that of
   * this machine. Default: buildx's own choice.
   */
  builder: builder.optional(),
  ...externalImageFields,
  /** Which tags the images get. Default: `semverTags()`. */
  tags: z
    .custom<TagRule>((value) => typeof value === "function", "a tag rule is expected, e.g. semverTags()")
    .optional(),
  /** Programs by name, built by a command once for each target. */
  binaries: z.record(programName, binary).optional(),
  /** Programs that other projects released, verified; images and archives take them as they take binaries (CAP-13). */
  downloads: z.record(programName, download).optional(),
  /** What is proven of every image before anything points to it. Default: nothing. */
  trust: trust.optional(),
  /** Resources that have to succeed before anything points to the images. They get the images by digest. */
  gates: gateRule.optional(),
  /** Resources that look at what was published. */
  afterPublication: gateRule.optional(),
  /** Archives of binaries and files, one a target. */
  archives: z.record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/), archive).optional(),
  /** Sums over all archives and SBOMs that are released. Default: `dist/SHA256SUMS` where there are any. */
  checksums: checksums.optional(),
  /** Where archives and sums are released, last of all. */
  release: releases.optional(),
});

export type FileDeclaration = z.infer<typeof file>;
export type ImageDeclaration = z.infer<typeof image>;
export type BinaryDeclaration = z.infer<typeof binary>;
export type DistributionArgs = z.infer<typeof distributionShape>;

/**
 * Checks the declaration of a distribution.
 *
 * @throws DeclarationError with everything that is wrong, each finding naming the field, the value and a valid example
 */
export function checkDistribution(name: string, args: DistributionArgs): void {
  const result = distributionShape.safeParse(args);
  const findings = result.success ? [] : findingsOf(distributionShape, result.error, args);
  const all = findings.length > 0 ? findings : contradictions(args);
  if (all.length > 0) throw new DeclarationError(`distribution ${JSON.stringify(name)}`, all);
}

/** What only the declaration as a whole shows. */
function contradictions(args: DistributionArgs): Finding[] {
  return [
    ...repositoryFindings(args),
    ...dockerfileFindings(args),
    ...modeFindings(args),
    ...binaryFindings(args),
    ...downloadFindings(args),
    ...archiveFindings(args),
    ...localFileFindings(args),
    ...releaseFindings(args),
  ];
}

function binaryFindings(args: DistributionArgs): Finding[] {
  const declared = programNames(args);
  return Object.entries(args.images).flatMap(([name, { files }]) =>
    (files ?? []).flatMap(({ binary: wanted }, index): Finding[] =>
      wanted === undefined || declared.includes(wanted)
        ? []
        : [
            {
              property: `images.${name}.files[${index}].binary`,
              reason: `there is no binary ${JSON.stringify(wanted)}; ${declared.length > 0 ? `declared are ${declared.join(", ")}` : "no binaries are declared"}`,
            },
          ],
    ),
  );
}
