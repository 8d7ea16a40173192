import * as z from "zod";
import { parseAddress } from "../../lib/oci/address";
import { checkDigest, checkTag, parseRepository } from "../../lib/oci/reference";
import { parsePlatform } from "../../lib/oci/platform";
import { parseTarget } from "../../lib/target/target";
import { kindOfHost, nameProblem } from "../../lib/registry-kinds/kinds";
import { checked } from "./definition";

/** Shapes that several resource types share. */

export const repository = checked(parseRepository).meta({
  description: "Repository as `host[:port]/path`, lower-case.",
  examples: ["ghcr.io/acme/hello"],
});

/** A repository that is pushed to: its registry has rules for its name, where the host tells which one it is. */
export const pushedRepository = checked((text) => {
  const name = parseRepository(text);
  const problem = nameProblem(kindOfHost(name.registry), name);
  if (problem !== undefined) throw new Error(problem);
}).meta(repository.meta() ?? {});

export const imageSource = checked(parseAddress).meta({
  description:
    "Image as `host/path[:tag][@digest]`, or an OCI image layout on disk as `oci-layout:PATH[:tag][@digest]` or " +
    "`oci-archive:PATH.tar[:tag][@digest]`.",
  examples: ["docker.io/library/alpine:3.20"],
});

export const digest = checked(checkDigest).meta({
  description: "SHA-256 digest as `sha256:<hex>`.",
  examples: ["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"],
});

export const tag = checked(checkTag).meta({ description: "Tag.", examples: ["v1.2.3"] });

export const platform = checked(parsePlatform).meta({
  description: "Platform as `os/architecture[/variant]`.",
  examples: ["linux/amd64"],
});

export const target = checked(parseTarget).meta({
  description:
    "What a program is for: `GOOS/GOARCH[/variant]`, or a Rust triple or Zig target such as " +
    "`x86_64-unknown-linux-musl`.",
  examples: ["linux/amd64"],
});

export const annotations = z.record(z.string().min(1), z.string()).meta({
  description: "Annotations (image-spec/annotations.md).",
  examples: [{ "org.opencontainers.image.source": "https://github.com/acme/hello" }],
});

/** What a distribution says of all its images: `org.opencontainers.image.version` and the like. */
export const standardAnnotations = z.record(z.string().min(1), z.string()).meta({
  examples: [{ "org.opencontainers.image.licenses": "Apache-2.0" }],
});

/** A day in UTC. */
export const day = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, "a day is expected")
  .meta({ examples: ["2026-01-31"] });

/** Permission bits, with setuid, setgid and sticky ones. */
export const octalMode = z
  .string()
  .regex(/^0?[0-7]{3,4}$/, "permission bits as octal digits are expected")
  .meta({ examples: ["0755"] });

export const platformObject = z
  .strictObject({
    os: z.string(),
    architecture: z.string(),
    variant: z.string().optional(),
    "os.version": z.string().optional(),
    "os.features": z.array(z.string()).optional(),
  })
  .meta({ id: "Platform", description: "Platform of a manifest in an index (image-spec/image-index.md)." });

export const descriptor = z
  .strictObject({
    mediaType: z.string().meta({ examples: ["application/vnd.oci.image.manifest.v1+json"] }),
    digest,
    size: z.number().int().nonnegative().describe("Size in bytes."),
    platform: platformObject.optional(),
    annotations: annotations.optional(),
    artifactType: z.string().optional(),
  })
  .meta({ id: "Descriptor", description: "Content by address (image-spec/descriptor.md)." });
