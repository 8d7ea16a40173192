import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { PackageURL } from "packageurl-js";
import { defined } from "../objects/defined";
import { attach, attachedContent, documentLimitBytes } from "../oci/attach";
import { MirrorRun, type TransferLimiter } from "../oci/mirror";
import type { Repository } from "../oci/repository";
import type { PlatformOutcome } from "./gate-text";
import { cleanText } from "../text/terminal";
import { cleanFinding } from "./finding";
import { fetchImage } from "./image-layout";
import { ScanError, ScannerMissing, type ReadyScanner } from "./scanner";
import { judge, type Policy } from "./verdict";

/** A scan of the image of one platform. */
export interface ImageScan {
  repository: Repository;
  digest: string;
  platform: string;
  scanner: ReadyScanner;
  policy: Policy;
  /** The day in UTC, `YYYY-MM-DD`, on which exceptions are judged. */
  today: string;
  timeoutSeconds: number;
  /** Referrer that carries the image's SBOM. */
  sbom?: string;
  /** Bound on what is transferred at once. */
  limiter: TransferLimiter;
  signal?: AbortSignal;
}

/** A report in the registry. */
export interface AttachedReport {
  subject: string;
  referrer: string;
  mediaType: string;
}

/** Result of the scan of one platform's image. */
export interface ImageOutcome extends PlatformOutcome {
  reports: AttachedReport[];
  databaseTime?: Date;
}

/**
 * Fetches an image by digest, scans it, judges what was found, and attaches the reports, whatever
 * the verdict.
 *
 * @returns an outcome without a judgment where the scanner could not do its work
 * @throws RegistryError and MirrorError where the image cannot be read or the reports cannot be
 * attached
 */
export async function scanImage(scan: ImageScan): Promise<ImageOutcome> {
  const { repository, digest, platform, signal } = scan;
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-scan-"));
  try {
    const layout = path.join(folder, "image");
    const work = path.join(folder, "work");
    await mkdir(work);
    await fetchImage(repository, digest, layout, new MirrorRun(scan.limiter), signal);
    const result = await scan.scanner.scan(
      defined({
        name: new PackageURL("oci", undefined, nameOf(repository), digest, undefined, undefined).toString(),
        layout,
        work,
        timeoutSeconds: scan.timeoutSeconds,
        sbom: scan.sbom === undefined ? undefined : await readSbom(repository, scan.sbom),
        signal,
      }),
    );
    const { descriptor } = await repository.getManifest(digest);
    const reports: AttachedReport[] = [];
    for (const { mediaType, bytes } of result.reports) {
      const content = { artifactType: mediaType, mediaType, bytes };
      const { digest: referrer } = await attach(repository, descriptor, content, signal);
      reports.push({ subject: digest, referrer, mediaType });
    }
    const judgment = judge(result.findings.map(cleanFinding), scan.policy, scan.today);
    const notes = result.notes.map((note) => cleanText(note));
    return { platform, digest, judgment, notes, reports, databaseTime: result.databaseTime };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ScannerMissing || error instanceof ScanError)) throw error;
    return { platform, digest, notScanned: cleanText(error.message), notes: [], reports: [] };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Last part of a repository's name. */
export function nameOf({ name }: Repository): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

async function readSbom(repository: Repository, referrer: string): Promise<unknown> {
  const { bytes } = await attachedContent(repository, referrer, documentLimitBytes);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ScanError(`the SBOM ${repository.name}@${referrer} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
