import * as z from "zod";
import { parsePlatform } from "../../lib/oci/platform";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import { buildContextDefinition, imageCopy } from "../../resources/definitions/build-context";
import { sizeBudget } from "../../resources/definitions/manifest";
import { isDeclaredBuilder, type DeclaredBuilder } from "./declared-builder";
import { platformNames, template } from "./templates";
import { text } from "./text";

/** Declaration of an image that is built from a Dockerfile. */

/** An image of this distribution that a Dockerfile starts from. */
export const ownBase = z.union([
  checked(checkRepositoryPath),
  z.strictObject({
    /** Name of an image of this distribution. */
    image: checked(checkRepositoryPath),
    /** Build argument that gets its reference by digest. */
    argument: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  }),
]);

const cacheReference = template([...platformNames, "image"], "ghcr.io/acme/hello:buildcache-{arch}");

const cache = z.strictObject({
  /**
   * References that the build takes its cache from. `{os}`, `{arch}`, `{variant}` and `{image}` are
   * replaced.
   */
  from: z
    .array(cacheReference)
    .optional()
    .meta({ examples: [["ghcr.io/acme/hello:buildcache-{arch}"]] }),
  /** Reference that the cache is written to. With more than one platform it needs `{arch}`. */
  to: cacheReference.optional(),
  /** `max` keeps all stages, `min` those of the result. Default: `max`. */
  mode: z.enum(["min", "max"]).optional(),
});

/** A binary of this distribution as a context of a build. */
export const builtContext = z.strictObject({
  /** Name of a binary of this distribution: the context is a folder with that file. */
  binary: z.string().min(1),
});

const contextName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/:-]*$/, "a name as in FROM is expected");

const oneBuilder = z.union([
  z.string().min(1),
  z.custom<DeclaredBuilder>(isDeclaredBuilder, "a name or a declared builder is expected"),
]);

/**
 * A builder, or one for each platform: names in buildx, where `embedded` is that of this machine,
 * or declarations.
 */
export const builder = z
  .union([oneBuilder, z.record(checked(parsePlatform), oneBuilder)])
  .meta({ examples: ["ci", { "linux/amd64": "intel", "linux/arm64": "arm" }] });

const buildContext = buildContextDefinition.inputs.shape;

/** Fields of an image declaration that are for Dockerfiles only. */
export const dockerfileFields = {
  /** Dockerfile, relative to the project's folder; with it, BuildKit builds the image. */
  dockerfile: buildContext.dockerfile.optional(),
  /** Folder of the context, relative to the project's. Default: the project's folder. */
  context: buildContext.context,
  /**
   * Whether the build gets the whole context, which a base image with ONBUILD needs. Default: only
   * what the Dockerfile names.
   */
  wholeContext: z.boolean().optional(),
  /** Stage to build. Default: the last. */
  stage: buildContext.stage,
  /** Values of ARG. Everyone can read them in the image: use `secrets` for secrets. */
  buildArgs: z.record(z.string().min(1), text).optional(),
  /**
   * Secrets that `RUN --mount=type=secret,id=NAME` reads: in no layer and no log unless the RUN
   * itself writes them there; encrypted in the state.
   */
  secrets: z
    .record(
      z.string().min(1),
      text.refine((value) => value !== "", "the secret is empty: set it, or remove it here"),
    )
    .optional(),
  /**
   * Further contexts by name: folders of the project, `docker-image://…` or `https://…`, or a
   * binary of this distribution, as it was built for the image's platform.
   */
  contexts: z.record(contextName, z.union([z.string().min(1), builtContext])).optional(),
  /** Content of external images, on top of the last stage: one `COPY --from` each, by digest. */
  copies: z.array(imageCopy).min(1).optional(),
  /** Network of RUN instructions. `none` makes the build hermetic. Default: `default`. */
  network: z.enum(["default", "none", "host"]).optional(),
  /** Build cache in a registry. */
  cache: cache.optional(),
  /** The builder, or one for each platform. Default: that of the distribution. */
  builder: builder.optional(),
  /** Limit of the image's size on each platform. */
  budget: sizeBudget.optional(),
};
