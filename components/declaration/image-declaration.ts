import * as z from "zod";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import { exactlyOne } from "../../resources/definitions/exactly-one";
import { imageConfig, imageDefinition, layer, layerFile } from "../../resources/definitions/image";
import type { Healthcheck } from "../../resources/types";
import { renamedFields } from "../../resources/definitions/renamed-fields";
import { type builtContext, dockerfileFields, ownBase } from "./dockerfile-declaration";
import { platforms } from "./platform-list";
import { platformNames, template } from "./templates";
import { text } from "./text";
import {
  narrowed,
  type AnyName,
  type Absent,
  type ExactlyOneOf,
  type Present,
  type Retyped,
} from "./variants";

/** Declaration of an image of a distribution. */

const texts = z.record(z.string().min(1), text);

const fileFields = z.strictObject({
  /** Absolute path in the image. With a folder as source: the path for its content. */
  to: layerFile.shape.to,
  /**
   * File or folder, relative to the project's folder. `{os}`, `{arch}`, `{variant}` and `{version}`
   * are replaced.
   */
  source: template([...platformNames, "version"], "dist/hello_{os}_{arch}").optional(),
  /** Name of a binary of this distribution, for the image's platform. */
  binary: z.string().min(1).optional(),
  /** Content of a file, as UTF-8. */
  content: layerFile.shape.content,
  /** Target of a symbolic link, as it will be read inside the image. */
  symlink: layerFile.shape.symlink,
  /** Makes a folder, to set its mode or owner, or to have it empty. */
  directory: layerFile.shape.directory,
  /** Removes this path of a lower layer by a whiteout (image-spec, layer.md). */
  remove: layerFile.shape.remove,
  /**
   * Octal mode, e.g. `"0755"`. Default: 0755 for folders and files that are executable on disk,
   * 0644 for the rest.
   */
  mode: layerFile.shape.mode,
  /** Numeric owner. Default: 0. */
  uid: layerFile.shape.uid,
  /** Numeric group. Default: 0. */
  gid: layerFile.shape.gid,
});

const contents = ["source", "binary", "content", "symlink", "directory", "remove"] as const;

/**
 * A file of an image, with what is there: from the project, a binary, or as it is written.
 *
 * @typeParam Programs names of the distribution's binaries and downloads
 */
export type FileDeclaration<Programs extends string = AnyName> = ExactlyOneOf<
  Retyped<z.infer<typeof fileFields>, { binary: Programs | undefined }>,
  (typeof contents)[number]
>;

const file = narrowed<FileDeclaration<string>>(
  fileFields.superRefine(
    exactlyOne(contents, "has no content", '{ to: "/usr/local/bin/hello", binary: "hello" }'),
  ),
);

renamedFields(file, { target: "to" });

/** Fields of an image declaration that say what is in the image, which a Dockerfile does itself. */
export const assembledFields = {
  /** Files of an image without a Dockerfile, one layer for all of them, over the base. */
  files: z.array(file).min(1, "at least one file is expected").optional(),
  /**
   * Compression of the layers. Default: `gzip`; `zstd` needs clients that know it (Docker 23 or
   * newer).
   */
  compression: layer.shape.compression,
  /** Program and first arguments of a container. */
  entrypoint: imageConfig.shape.entrypoint,
  /** Default arguments, if a user gives none. */
  cmd: imageConfig.shape.cmd,
  /** Variables of the environment of a container. */
  env: texts.optional(),
  /** Ports that the program listens on, TCP by default: `8080`, `"53/udp"`. */
  ports: imageConfig.shape.exposedPorts,
  /**
   * User that processes run as, optionally with a group after a colon. Default: that of the base,
   * else root.
   */
  user: imageConfig.shape.user,
  /** Absolute path that processes start in. */
  workingDir: imageConfig.shape.workingDir,
  /** Absolute paths that the engine makes volumes of. */
  volumes: imageConfig.shape.volumes,
  /** Signal that asks a container to end, e.g. `SIGTERM`. */
  stopSignal: imageConfig.shape.stopSignal,
  /** How an engine checks whether a container is healthy. */
  healthcheck: narrowed<Healthcheck | undefined>(imageConfig.shape.healthcheck).optional(),
};

const fields = z.strictObject({
  /** Name of the repository below the registry's namespace. Default: the image's name. */
  repository: checked(checkRepositoryPath)
    .meta({ examples: ["hello"] })
    .optional(),
  /** Further repositories for the same digests and tags, below every registry's namespace. */
  alsoRepositories: z
    .array(checked(checkRepositoryPath))
    .min(1)
    .meta({ examples: [["core"]] })
    .optional(),
  /** Platforms of this image. Default: those of the distribution. */
  platforms: platforms.optional(),
  /** Image to start from; with a Dockerfile, images of this distribution. Default: none. */
  base: z.union([text, ownBase, z.array(ownBase).min(1)]).optional(),
  /**
   * Labels of the configuration; the standard ones (source, version, licenses) are set
   * automatically.
   */
  labels: texts.optional(),
  /** Annotations of the manifests and the index; the standard ones are set automatically. */
  annotations: texts.optional(),
  /** Creation time, RFC 3339. Default: the epoch, so that equal inputs give equal digests. */
  created: imageDefinition.inputs.shape.created,
  ...assembledFields,
  ...dockerfileFields,
});

renamedFields(fields, { aliases: "alsoRepositories", target: "stage" });

type Fields = z.infer<typeof fields>;
type OwnBase<Images extends string> =
  Images | Retyped<Exclude<z.infer<typeof ownBase>, string>, { image: Images }>;
type Assembled = keyof typeof assembledFields;
type Built = keyof typeof dockerfileFields;
type Common = Omit<Fields, Assembled | Built | "base">;
type Contexts<Programs extends string> = Record<
  string,
  string | Retyped<z.infer<typeof builtContext>, { binary: Programs }>
>;

/**
 * An image from files: over a base, or over nothing.
 *
 * @typeParam Programs names of the distribution's binaries and downloads
 */
export interface AssembledImageDeclaration<Programs extends string = AnyName>
  extends
    Common,
    Retyped<Pick<Fields, Assembled>, { files: FileDeclaration<Programs>[] | undefined }>,
    Absent<Built> {
  /** Image to start from; with a Dockerfile, images of this distribution. Default: none. */
  base?: z.infer<typeof text> | undefined;
}

/**
 * An image from a Dockerfile, which says itself what is in it.
 *
 * @typeParam Images names of the distribution's images
 * @typeParam Programs names of its binaries and downloads
 */
export interface DockerfileImageDeclaration<
  Images extends string = AnyName,
  Programs extends string = AnyName,
>
  extends
    Common,
    Present<Fields, "dockerfile">,
    Retyped<Pick<Fields, Exclude<Built, "dockerfile">>, { contexts: Contexts<Programs> | undefined }>,
    Absent<Assembled> {
  /** Image to start from; with a Dockerfile, images of this distribution. Default: none. */
  base?: OwnBase<Images> | OwnBase<Images>[] | undefined;
}

/** An image: from a Dockerfile, or from files. */
export type ImageDeclaration<Images extends string = AnyName, Programs extends string = AnyName> =
  AssembledImageDeclaration<Programs> | DockerfileImageDeclaration<Images, Programs>;

export const image = narrowed<ImageDeclaration<string, string>>(fields);
