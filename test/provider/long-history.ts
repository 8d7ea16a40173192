import { createHash } from "node:crypto";
import { Pool } from "undici";
import { MediaType } from "../../lib/oci/media-types";

/** A history of years in a registry, for questions about its size. */
export interface LongHistory {
  /** Day of each version. */
  readonly versions: Record<string, string>;
  /** Digests of the manifests of each version, what refers to it too. */
  readonly manifests: ReadonlyMap<string, readonly string[]>;
  readonly tags: readonly string[];
}

/**
 * Fills a repository with five majors of twenty minor versions and four patches each: for each version an index with two
 * platforms, its commit tag and a signature; aliases; and nightly builds up to 2,000 tags. Blobs are left out, which
 * registries of go-containerregistry do not mind, and nothing here reads.
 *
 * @param host `127.0.0.1:PORT`
 * @param hasList whether referrers are listed under a tag, as clients do where the registry does not
 */
export async function fillHistory(host: string, path: string, hasList: boolean): Promise<LongHistory> {
  const pool = new Pool(`http://${host}`, { connections: 8 });
  const tags: string[] = [];
  const put = async (reference: string | undefined, { bytes, digest, mediaType }: Made) => {
    const { statusCode, body } = await pool.request({
      method: "PUT",
      path: `/v2/${path}/manifests/${reference ?? digest}`,
      headers: { "content-type": mediaType },
      body: bytes,
    });
    const text = await body.text();
    if (statusCode !== 201) throw new Error(`${reference ?? digest}: ${statusCode} ${text}`);
    if (reference !== undefined) tags.push(reference);
  };
  const versions: Record<string, string> = {};
  const manifests = new Map<string, readonly string[]>();
  const publish = async (major: number, minor: number, patch: number) => {
    const version = `v${major}.${minor}.${patch}`;
    const platforms = ["amd64", "arm64"].map((architecture) =>
      manifest({ of: `${version} ${architecture}` }),
    );
    for (const one of platforms) await put(undefined, one);
    const index = made(MediaType.ociIndex, { manifests: platforms.map(descriptor) });
    await put(version, index);
    const signature = manifest({ of: `signature of ${version}`, subject: descriptor(index) });
    await put(undefined, signature);
    const list = made(MediaType.ociIndex, { manifests: [descriptor(signature)] });
    if (hasList) await put(index.digest.replace(":", "-"), list);
    await put(`${version}-${index.digest.slice(7, 14)}`, index);
    if (patch === 3) await put(`v${major}.${minor}`, index);
    if (patch === 3 && minor === 19) await put(`v${major}`, index);
    versions[version] = `20${17 + major}-${String(Math.floor(minor / 2) + 1).padStart(2, "0")}-01`;
    const all = [...platforms, index, signature, ...(hasList ? [list] : [])];
    manifests.set(
      version,
      all.map(({ digest }) => digest),
    );
  };
  const numbers = (count: number) => [...Array(count).keys()];
  const all = numbers(5).flatMap((major) =>
    numbers(20).flatMap((minor) => numbers(4).map((patch) => () => publish(major + 1, minor, patch))),
  );
  await eightAtOnce(all);
  const nights = numbers(2000 - tags.length).map((index) => {
    const day = new Date(Date.UTC(2023, 0, 1 + index)).toISOString().slice(0, 10).replaceAll("-", "");
    return () => put(`nightly-${day}`, manifest({ of: `night ${day}` }));
  });
  await eightAtOnce(nights);
  await pool.close();
  return { versions, manifests, tags };
}

interface Made {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

function manifest({ of, subject }: { of: string; subject?: object }): Made {
  const digest = `sha256:${createHash("sha256").update(of).digest("hex")}`;
  const config = { mediaType: MediaType.ociConfig, digest, size: 2 };
  return made(MediaType.ociManifest, { config, layers: [], ...(subject ? { subject } : {}) });
}

function made(mediaType: string, content: object): Made {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { mediaType, bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

function descriptor({ mediaType, digest, bytes }: Made) {
  return { mediaType, digest, size: bytes.length };
}

async function eightAtOnce(work: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...work];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = left.shift(); next; next = left.shift()) await next();
    }),
  );
}
