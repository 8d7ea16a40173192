import type { LoggedRequest } from "../../test/support/registries";
import type { FixtureImage } from "./fixture-image";

/** What one mirroring made a target registry do. */
export interface Traffic {
  /** Requests of any kind. */
  requests: number;
  /** Blobs that were uploaded to the end, and their bytes. */
  uploads: { count: number; bytes: number };
  /** Blobs that were mounted from another repository. */
  mounts: number;
}

/** Reads it from the access log: what was uploaded is known by the digest that ends an upload. */
export function trafficOf(log: readonly LoggedRequest[], images: readonly FixtureImage[]): Traffic {
  const sizes = new Map(images.flatMap(({ blobs }) => [...blobs]));
  const traffic: Traffic = { requests: log.length, uploads: { count: 0, bytes: 0 }, mounts: 0 };
  for (const { method, path, status } of log) {
    if (status !== 201 || !path.includes("/blobs/uploads/")) continue;
    const { searchParams } = new URL(path, "http://registry");
    const size = sizes.get(searchParams.get("digest") ?? "");
    if (method === "POST" && searchParams.has("mount")) traffic.mounts += 1;
    else if (size !== undefined) {
      traffic.uploads.count += 1;
      traffic.uploads.bytes += size;
    }
  }
  return traffic;
}

/** One line for people. */
export function describeTraffic({ requests, uploads, mounts }: Traffic): string {
  return `${(uploads.bytes / 1e6).toFixed(0)} MB in ${uploads.count} uploads, ${mounts} mounts, ${requests} requests`;
}
