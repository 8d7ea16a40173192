import { digestOf } from "../../oci/digest";
import { imageManifest } from "../../oci/image/manifest";
import { compressedPieces } from "../../oci/layer/compressed-pieces";
import type { LayerEntry } from "../../oci/layer/entry";
import { tarStream } from "../../oci/layer/tar";
import type { Descriptor, FetchedManifest } from "../../oci/types";
import type { Chart } from "./chart";

/**
 * Media types of a chart in a registry.
 *
 * Source: helm's pkg/registry/constants.go; HIP-0006.
 */
export const helmMediaTypes = {
  config: "application/vnd.cncf.helm.config.v1+json",
  chart: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
} as const;

/** A chart as a registry has it. */
export interface ChartArtifact {
  readonly manifest: FetchedManifest;
  readonly config: ChartBlob;
  /** The archive, as `helm package` makes one. */
  readonly archive: ChartBlob;
}

export interface ChartBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** Packs a chart: the same files are the same bytes, without times, owners and modes. */
export async function chartArtifact({ files, metadata }: Chart): Promise<ChartArtifact> {
  const entries = [...files].map(([file, bytes]): LayerEntry => ({
    path: `/${metadata.name}/${file}`,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  }));
  // Helm reads the first entry to tell what an archive is.
  const first = `/${metadata.name}/Chart.yaml`;
  entries.sort((a, b) => (a.path === first ? -1 : b.path === first ? 1 : a.path < b.path ? -1 : 1));
  const pieces: Buffer[] = [];
  for await (const piece of compressedPieces(tarStream(entries), "gzip")) pieces.push(Buffer.from(piece));
  const archive = blob(Buffer.concat(pieces), helmMediaTypes.chart);
  const config = blob(Buffer.from(metadata.config, "utf8"), helmMediaTypes.config);
  const manifest = imageManifest(config.descriptor, [archive.descriptor], {
    annotations: metadata.annotations,
  });
  return { manifest, config, archive };
}

function blob(bytes: Buffer, mediaType: string): ChartBlob {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}
