// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { buildContextDefinition } from "./definitions/build-context";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link BuildContext}. */
export type BuildContextArgs = {
  /** Name of the image, for messages. */
  image: pulumi.Input<string>;
  /**
   * Repository that the image is pushed to. If it is in the registry of this machine, that is
   * started. Example: `"ghcr.io/acme/hello"`.
   */
  repository?: pulumi.Input<string | undefined>;
  /** Path of the Dockerfile, relative to the project's folder. Example: `"docker/Dockerfile"`. */
  dockerfile: pulumi.Input<string>;
  /**
   * Folder of the context, relative to the project's. Default: the project's folder. Example:
   * `"docker/apps"`.
   */
  context?: pulumi.Input<string | undefined>;
  /** Stage to build. Default: the last. */
  stage?: pulumi.Input<string | undefined>;
  /** Platforms to build for. */
  platforms: DeepInput<string[]>;
  /** Build arguments. */
  buildArgs?: DeepInput<Record<string, string> | undefined>;
  /** Names of the secrets that are set. */
  secrets?: DeepInput<string[] | undefined>;
  /** Further contexts that are folders, by name. */
  folders?: DeepInput<Record<string, string> | undefined>;
  /**
   * Further contexts made of files from commands, by name: for each folder of the context, the path
   * of its file.
   */
  builtFiles?: DeepInput<Record<string, Record<string, string>> | undefined>;
  /** Names of further contexts that are not folders. */
  otherContexts?: DeepInput<string[] | undefined>;
  /** Name of the buildx builder of each platform, for messages when one does not answer. */
  builders?: DeepInput<Record<string, string> | undefined>;
  /** Whether other runs build from it, so that this one needs no builder. Default: false. */
  builtElsewhere?: pulumi.Input<boolean | undefined>;
  /** Names of images of the same distribution that the Dockerfile starts from or copies from. */
  ownImages?: DeepInput<string[] | undefined>;
  /** What is copied from other images, after the Dockerfile's last instruction. */
  copies?: DeepInput<types.ImageCopy[] | undefined>;
  /**
   * Whether the build gets the whole context, not only what COPY, ADD and mounts name. Needed where a
   * base image has ONBUILD instructions. Default: false.
   */
  whole?: pulumi.Input<boolean | undefined>;
  /** Lock that the digests of the images are taken from. */
  lock?: DeepInput<types.LockUse | undefined>;
};

/**
 * Everything that a build of a Dockerfile reads: the files of its context after `.dockerignore`,
 * the Dockerfile, and the images it starts from with their digests. A preview names what changed.
 * The builder reads a copy below `.slipway/cache`, named by its digest, so that equal contents are
 * equal builds on every machine. (`slipway:build:Context`)
 */
export class BuildContext
  extends pulumi.CustomResource
  implements ObservedProperties<typeof buildContextDefinition>
{
  /** Name of the image, for messages. */
  declare readonly image: pulumi.Output<string>;
  /** Path of the Dockerfile, relative to the project's folder. Example: `"docker/Dockerfile"`. */
  declare readonly dockerfile: pulumi.Output<string>;
  /** Platforms to build for. */
  declare readonly platforms: pulumi.Output<string[]>;
  /**
   * Digest of everything that the build reads. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Folder of the copied context, relative to the project's. */
  declare readonly stagedContext: pulumi.Output<string>;
  /** Path of the copied Dockerfile, relative to the project's folder. */
  declare readonly stagedDockerfile: pulumi.Output<string>;
  /** Folders of the other copied contexts, by name. */
  declare readonly stagedFolders: pulumi.Output<Record<string, string>>;
  /** Images that the Dockerfile starts from or copies from. */
  declare readonly bases: pulumi.Output<types.BaseReference[]>;
  /** How often each platform's image was missing from the registry. */
  declare readonly rebuilds: pulumi.Output<Record<string, number>>;
  /** Number of files in the contexts. */
  declare readonly fileCount: pulumi.Output<number>;
  /** The builder's error texts, to name the line of the Dockerfile that failed. */
  declare readonly failureLines: pulumi.Output<types.FailureLine[]>;

  constructor(name: string, args: BuildContextArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      digest: undefined,
      stagedContext: undefined,
      stagedDockerfile: undefined,
      stagedFolders: undefined,
      bases: undefined,
      rebuilds: undefined,
      fileCount: undefined,
      failureLines: undefined,
    };
    super("slipway:build:Context", name, properties<typeof buildContextDefinition>(outputs, args), options);
  }
}
