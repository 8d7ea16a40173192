import * as pulumi from "@pulumi/pulumi";
import { parseRepository } from "../lib/oci/reference";
import { Image, Index, type BuildContext, type ImageArgs, type Manifest } from "../resources";
import { buildDockerfile, type DockerfileBuildArgs } from "./dockerfile-build";

/** One platform's part of a {@link MultiArchImage}. */
export type PlatformImageArgs = Omit<ImageArgs, "repository" | "platform">;

/** Arguments of {@link MultiArchImage}. */
export interface MultiArchImageArgs {
  /** Repository as `host[:port]/path`. */
  repository: string;
  /** The image on each platform, by `os/architecture[/variant]`; also the order in the index. */
  platforms?: Readonly<Record<string, PlatformImageArgs>>;
  /** How the image is built from a Dockerfile, instead of `platforms`. */
  build?: DockerfileBuildArgs;
  /** Annotations of the index. */
  annotations?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Standard annotations of the index and of assembled images, which have them as labels too. */
  standardAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Whether this run makes it for one platform or for none, and another run makes the index. */
  isPart?: boolean;
}

/**
 * An image for several platforms under one digest: one image a platform, pushed by digest, and an
 * index of them. Nothing points to it yet: tags are resources of their own, made last.
 */
export class MultiArchImage extends pulumi.ComponentResource {
  readonly repository: string;
  /** The index; none in a run that builds for one platform of a distribution that is split. */
  readonly index?: Index;
  /** Images by platform: assembled here, or observed where a builder has pushed them. */
  readonly images: Readonly<Record<string, Image | Manifest>>;
  /** Inputs of the build of a Dockerfile. */
  readonly context?: BuildContext;
  /** Digest of the index; in such a run that of the platform's image, and empty where it has none. */
  readonly digest: pulumi.Output<string>;
  /** `repository@digest`. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: MultiArchImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("slipway:components:MultiArchImage", name, {}, options);
    parseRepository(args.repository);
    this.repository = args.repository;
    if ((args.platforms === undefined) === (args.build === undefined)) {
      throw new Error(`image ${name}: declare exactly one of platforms and build`);
    }
    // What a component depends on, its parts do not by themselves.
    const { dependsOn } = options ?? {};
    const own = { parent: this, dependsOn };
    const built = args.build && buildDockerfile(name, args.repository, args.build, own);
    if (built) this.context = built.context;
    this.images = built?.manifests ?? this.assemble(name, args, own);
    if (args.isPart === true) {
      const [only] = Object.values(this.images);
      this.digest = only?.digest ?? pulumi.output("");
      this.reference = pulumi.interpolate`${args.repository}@${this.digest}`;
    } else {
      this.index = new Index(
        name,
        {
          repository: args.repository,
          manifests: Object.values(this.images).map((image) => image.descriptor),
          annotations: args.annotations && { ...args.annotations },
          standardAnnotations: args.standardAnnotations && { ...args.standardAnnotations },
        },
        { parent: this },
      );
      this.digest = this.index.digest;
      this.reference = this.index.reference;
    }
    this.registerOutputs({ digest: this.digest, reference: this.reference });
  }

  /** What has to be there before anything is said of it. */
  get whole(): pulumi.Resource[] {
    return this.index ? [this.index] : Object.values(this.images);
  }

  private assemble(
    name: string,
    { platforms = {}, repository, standardAnnotations: standard }: MultiArchImageArgs,
    options: pulumi.CustomResourceOptions,
  ): Record<string, Image> {
    return Object.fromEntries(
      Object.entries(platforms).map(([platform, imageArgs]) => [
        platform,
        new Image(
          `${name}-${platform.replaceAll("/", "-")}`,
          { ...imageArgs, repository, platform, standardAnnotations: standard && { ...standard } },
          options,
        ),
      ]),
    );
  }
}
