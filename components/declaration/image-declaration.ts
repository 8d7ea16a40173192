import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import { exactlyOne } from "../../resources/definitions/exactly-one";
import { base, dockerfileFields } from "./dockerfile-declaration";
import { platforms } from "./platform-list";

/** What a program declares of an image of a distribution. */

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
  .superRefine(
    exactlyOne(
      ["source", "binary", "content", "symlink", "directory", "remove"],
      "says not what is there",
      '{ target: "/usr/local/bin/hello", binary: "hello" }',
    ),
  );

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

export const image = z.strictObject({
  /** Name of the repository below the registry's namespace. Default: the image's name. */
  repository: checked(checkRepositoryPath)
    .meta({ examples: ["hello"] })
    .optional(),
  /** Further repositories for the same digests and tags, below every registry's namespace. */
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

export type FileDeclaration = z.infer<typeof file>;
export type ImageDeclaration = z.infer<typeof image>;
