import * as z from "zod";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { gates } from "./check-declaration";
import { checked } from "../../resources/definitions/definition";
import { ledgerDefinition } from "../../resources/definitions/ledger";
import { notice, retentionDefinition } from "../../resources/definitions/retention";
import { binary } from "./binary-declaration";
import { cadence } from "./cadence-declaration";
import { chart, chartName } from "./chart-declaration";
import { download } from "./download-declaration";
import { builder } from "./dockerfile-declaration";
import { image } from "./image-declaration";
import { externalImageFields } from "./external-image-declaration";
import { metrics } from "./metrics-declaration";
import { platforms } from "./platform-list";
import {
  archive,
  channels,
  checksums,
  documents,
  extraArtifact,
  installers,
  releases,
} from "./release-declaration";
import { isImageTarget, isRegistry, type ImageTarget } from "./registry";
import { isShownRepositories, type ShownRepositories } from "./shown-repositories";
import type { TagRule } from "./tag-rules";
import { trust } from "./trust-declaration";

/**
 * Declaration of a distribution, as shapes that are checked before any resource is
 * registered.
 */

const programName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);

export const distributionShape = z.strictObject({
  /** Semantic version of the release. Absent for branches, pull requests and nightly builds. */
  version: z.string().min(1).optional(),
  /**
   * Full hash of the commit that is built, for tags, annotations and provenance: that of the git
   * checkout, or of the other repository that `source` names.
   */
  commit: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "a full commit hash is expected")
    .optional()
    .meta({ examples: ["0123456789abcdef0123456789abcdef01234567"] }),
  /** Branch that is built, for its tag, if there is no version. */
  branch: z.string().optional(),
  /** Number of the pull request that is built: its tags are computed, and nothing is published. */
  pullRequest: z.number().int().positive().optional(),
  /**
   * `test` builds and proves everything on this machine and publishes nothing, as a pull request
   * does. Default: `production`.
   */
  environment: z.enum(["production", "test"]).optional(),
  /**
   * `build` builds and proves everything on this machine and publishes nothing; `load` does that
   * and gives the images of the local platform to the Docker engine, under their names and tags.
   * Default: `publish`, if the environment is one that publishes.
   */
  mode: z.enum(["publish", "build", "load"]).optional(),
  /** Address of the sources, for the standard annotations. */
  source: z
    .url()
    .optional()
    .meta({ examples: ["https://github.com/acme/hello"] }),
  /** Licenses as an SPDX expression, for the standard annotations. */
  licenses: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["Apache-2.0"] }),
  /** Build date as `YYYYMMDD`, if a published version is built again. */
  rebuilt: z.string().optional(),
  /** Where the images are published: the first is the main registry, the others mirror it. */
  registries: z
    .array(
      z.custom<ImageTarget>(
        isImageTarget,
        "ociRegistry(…), imageFolder(…) or another object with name and repository() is expected",
      ),
    )
    .min(1, "at least one registry is expected")
    .superRefine((list, context) => {
      if (list[0] !== undefined && !isRegistry(list[0])) {
        context.addIssue({
          code: "custom",
          path: [0],
          message: "the first must be a registry, which has a host: the others mirror it",
        });
      }
      for (const [index, { name }] of list.entries()) {
        if (list.findIndex((other) => other.name === name) < index) {
          context.addIssue({ code: "custom", path: [index], message: `${name} is listed twice` });
        }
      }
    })
    .meta({ examples: [`ociRegistry({ host: "ghcr.io", namespace: "acme" })`] }),
  /**
   * What registries show of the images beside their content, e.g. `dockerHubRepositories()`: descriptions, who may see them,
   * which tags never move. Where nothing is published they stay as they are. Default: they stay as they are.
   */
  repositories: z
    .array(
      z.custom<ShownRepositories>(
        isShownRepositories,
        "dockerHubRepositories(…), quayRepositories(…), harborRepositories(…) or another object with kind, host, all and images is expected",
      ),
    )
    .optional()
    .meta({ examples: ['dockerHubRepositories({ fullDescription: { file: "README.md" } })'] }),
  platforms,
  /** Images by name, which is also the repository's name below each namespace. */
  images: z
    .record(checked(checkRepositoryPath), image)
    .refine((images) => Object.keys(images).length > 0, "at least one image is expected"),
  /**
   * Builder of the images with a Dockerfile that declare none: a name, or one for each platform;
   * `embedded` is that of this machine. Default: buildx's own choice.
   */
  builder: builder.optional(),
  /**
   * Whether the images with a Dockerfile are built by a run of its own for each platform
   * (`npx slipway build --platform linux/arm64`), and joined by the run that publishes. Tests, pull
   * requests and the modes `build` and `load` build all platforms themselves. Default: false.
   */
  split: z.boolean().optional(),
  ...externalImageFields,
  /**
   * How old published images and the digests of their bases may become. A preview warns of what is older, and the output
   * `overdue` says it. Default: everything may be of any age.
   */
  cadence: cadence.optional().meta({ examples: [{ rebuild: "31d", refresh: "92d" }] }),
  /** Rule for the tags of the images. Default: `semverTags()`. */
  tags: z
    .custom<TagRule>((value) => typeof value === "function", "a tag rule is expected, e.g. semverTags()")
    .optional(),
  /** Programs by name, built by a command once for each platform. */
  binaries: z.record(programName, binary).optional(),
  /**
   * Verified programs that other projects released, for images and archives to use like binaries.
   */
  downloads: z.record(programName, download).optional(),
  /**
   * What is proven of every image before anything points to it, such as its signature. Default:
   * nothing.
   */
  trust: trust.optional(),
  /**
   * What must hold before anything points to the images: checks by name, or a function that makes
   * resources, given the images by digest.
   */
  gates: gates.optional(),
  /** What is looked at after the publication, in the same words. */
  afterPublication: gates.optional(),
  /** Archives of binaries and files, one per platform. */
  archives: z.record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/), archive).optional(),
  /** Scripts that install what is released, by file name, e.g. `shellInstaller()`; released beside the archives. */
  installers: installers.optional(),
  /**
   * Helm charts by name, published beside the images with the distribution's version. Without a
   * version there are none.
   */
  charts: z.record(chartName, chart).optional(),
  /**
   * Further files of the release by name, made by commands: listed in the sums, placed beside them,
   * and given to channels that name them.
   */
  extraArtifacts: z.record(programName, extraArtifact).optional(),
  /** Sums over all released archives and SBOMs. Default: `SHA256SUMS` if there are any. */
  checksums: checksums.optional(),
  /** Where archives and sums are released, as the last step. */
  release: releases.optional(),
  /**
   * How the release reaches those who install it, such as a Homebrew tap; after everything can be
   * downloaded. One that fails does not keep the others from going on.
   */
  channels: channels.optional(),
  /**
   * Files of the project that say what is released, such as a README with `fileRegions()`: after everything can be
   * downloaded. Without a version, in a test and for a pull request those of a release stay as they are.
   */
  documents: documents.optional(),
  /**
   * Which of the versions that the stack has published before every preview looks at. Default: all
   * of them.
   */
  watch: ledgerDefinition.inputs.shape.watch,
  /** Whose numbers `npx slipway metrics` reads; `{}` takes what follows from the rest. Default: nobody's. */
  metrics: metrics.optional(),
  /**
   * What may be removed from the repositories of the images, in every registry, after everything is published. Default:
   * nothing; what leaves the program stays.
   */
  retention: retentionDefinition.inputs.shape.rule.optional(),
  /**
   * Versions that users are told to leave, with the day from which on they may be removed: `retention` removes no version
   * before. Documents have them by `deprecationsTable()` and `deprecatedFile()`. Default: none.
   */
  deprecated: z
    .array(notice)
    .optional()
    .meta({ examples: [[{ versions: "1", since: "2026-01-31", removal: "2026-07-31" }]] }),
});

/**
 * A distribution as it is declared. Programs meet it as `DistributionDeclaration`, which knows what
 * gates get.
 */
export type DistributionDeclaration = z.infer<typeof distributionShape>;
