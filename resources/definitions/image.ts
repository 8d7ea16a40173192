import * as z from "zod";
import { defineResource } from "./definition";
import {
  annotations,
  descriptor,
  digest,
  imageSource,
  octalMode,
  platform,
  pushedRepository,
  standardAnnotations,
} from "./shapes";
import { renamedFields } from "./renamed-fields";

/** One file of a layer. */
export const layerFile = z
  .strictObject({
    to: z
      .string()
      .startsWith("/", "an absolute path in the image is expected")
      .meta({ description: "Absolute path in the image.", examples: ["/usr/local/bin/hello"] }),
    source: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "File or directory to put there, relative to the project's folder.",
        examples: ["dist/hello"],
      }),
    content: z.string().optional().describe("Content of a text file, instead of `source`."),
    symlink: z
      .string()
      .min(1)
      .optional()
      .describe("Makes a symbolic link to this path, instead of `source`."),
    directory: z.boolean().optional().describe("Makes an empty directory, instead of `source`."),
    remove: z
      .boolean()
      .optional()
      .describe("Removes the path of a lower layer (a whiteout), instead of `source`."),
    mode: octalMode.optional().meta({
      description:
        "Permission bits as octal digits. Default: `0755` where the file is executable, else `0644`.",
      examples: ["0755"],
    }),
    uid: z.number().int().nonnegative().optional().describe("Owner. Default: 0."),
    gid: z.number().int().nonnegative().optional().describe("Group. Default: 0."),
    digest: digest
      .optional()
      .describe("Digest that the content of `source` must have, for files that another resource makes."),
  })
  .meta({ id: "LayerFile", description: "One file, directory, link or removal in a layer." });

renamedFields(layerFile, { target: "to" });

/** A layer of files. */
export const layer = z
  .strictObject({
    files: z.array(layerFile).min(1, "at least one file is expected").describe("Content of the layer."),
    compression: z
      .enum(["gzip", "zstd", "none"])
      .optional()
      .describe("Compression of the layer. Default: `gzip`."),
    createdBy: z.string().optional().describe("Text of the layer's history entry."),
  })
  .meta({ id: "Layer", description: "One reproducible layer." });

/** How an engine checks whether a container is healthy. */
export const healthcheck = z
  .strictObject({
    test: z.union([z.array(z.string()).min(1), z.string()]).meta({
      description: "Program and arguments, or a text for the shell; exit code 0 is healthy.",
      examples: [["/usr/local/bin/hello", "--healthcheck"]],
    }),
    intervalSeconds: z
      .number()
      .positive()
      .optional()
      .describe("Seconds between two checks. Default: that of the engine, 30."),
    timeoutSeconds: z
      .number()
      .positive()
      .optional()
      .describe("Timeout of a check in seconds. Default: that of the engine, 30."),
    startPeriodSeconds: z
      .number()
      .nonnegative()
      .optional()
      .describe("Seconds after the start in which a failure does not count. Default: 0."),
    retries: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("Failures in a row after which the container is unhealthy. Default: that of the engine, 3."),
  })
  .meta({ id: "Healthcheck", description: "Health check in Docker's extension of the image configuration." });

const portExpected = "a port from 1 to 65535 is expected, as a number or with its protocol (tcp, udp, sctp)";

/** Digits of a number from 1 to 65535. */
const portDigits = /([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])/;

const port = z
  .union([
    z.number(portExpected).int(portExpected).min(1, portExpected).max(65_535, portExpected),
    z.string(portExpected).regex(new RegExp(`^${portDigits.source}(/(tcp|udp|sctp))?$`), portExpected),
  ])
  .meta({ examples: ["53/udp"] });

/** Configuration of an image. */
export const imageConfig = z
  .strictObject({
    entrypoint: z
      .array(z.string())
      .optional()
      .describe("Command that a container starts with. Clears the base's `cmd`."),
    cmd: z.array(z.string()).optional().describe("Default arguments of the entrypoint."),
    env: z.record(z.string(), z.string()).optional().describe("Environment variables."),
    labels: z.record(z.string(), z.string()).optional().describe("Labels."),
    exposedPorts: z
      .array(port)
      .optional()
      .meta({ description: "Ports: a number for TCP, or `port/protocol`.", examples: [[8080, "53/udp"]] }),
    user: z.string().optional().describe("User, as `name`, `uid` or `uid:gid`."),
    workingDir: z.string().optional().describe("Absolute path that processes start in."),
    volumes: z.array(z.string()).optional().describe("Absolute paths that the engine makes volumes of."),
    stopSignal: z.string().optional().describe("Signal that asks a container to end, e.g. `SIGTERM`."),
    healthcheck: healthcheck.optional().describe("How an engine checks whether a container is healthy."),
  })
  .meta({ id: "ImageConfig", description: "Configuration of the image (image-spec/config.md)." });

const assembledLayer = z
  .strictObject({
    mediaType: z.string(),
    digest,
    size: z.number(),
    diffId: z.string(),
    recipe: z.string(),
    declaration: z.string(),
  })
  .meta({
    id: "AssembledLayer",
    description: "An assembled layer: what identifies it without its content.",
  });

/** `slipway:oci:Image`: one platform's image, assembled from a base and files, pushed by digest. */
export const imageDefinition = defineResource({
  token: "slipway:oci:Image",
  description:
    "An image for one platform, assembled without a container engine from a base (or none), " +
    "files and configuration, and pushed by digest. The digest depends on the inputs alone and " +
    "is known at preview. Without layers, configuration and annotations it is the base itself, " +
    "byte for byte.",
  inputs: z.strictObject({
    repository: pushedRepository,
    platform,
    base: imageSource.optional().describe("Image to start from; of an index, the manifest for `platform`."),
    layers: z.array(layer).optional().describe("Layers on top of the base, lowest first."),
    config: imageConfig.optional(),
    annotations: annotations.optional(),
    standardAnnotations: standardAnnotations
      .optional()
      .describe(
        "Standard annotations, which become labels too; those of `annotations` and `config.labels` go before. An image " +
          "that was published without any does not become another one for them alone.",
      ),
    created: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({
        description:
          "Creation time in the configuration, RFC 3339. Default: the epoch, so that equal " +
          "inputs give equal digests.",
        examples: ["2026-01-31T12:00:00Z"],
      }),
    digest: digest.optional().describe("Computed: digest of the manifest that the inputs make."),
    assembly: z.array(assembledLayer).optional().describe("Computed: the layers as assembled."),
  }),
  computed: ["digest", "assembly"],
  outputs: z.strictObject({
    digest,
    mediaType: z.string().describe("Media type of the manifest."),
    size: z.number().describe("Size of the manifest, in bytes."),
    totalSize: z.number().describe("Size of manifest, configuration and layers as transferred, in bytes."),
    reference: z.string().describe("`repository@digest`."),
    descriptor: descriptor.describe("Descriptor of the manifest with its platform, for an index."),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["layers", "standardAnnotations", "assembly"],
});
