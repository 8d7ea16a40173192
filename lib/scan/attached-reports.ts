import type { Finding } from "./finding";
import { cleanFinding } from "./finding";
import { grypeFindings, grypeReport, grypeReportType } from "./grype";
import { osvFindings, osvReport } from "./osv-findings";
import { osvReportType } from "./osv-scanner";
import { trivyReportType } from "./trivy";
import { trivyFindings, trivyReport } from "./trivy-findings";

/** Readers of the reports that scans attach to images, by media type. */
const readers: Readonly<Record<string, (json: unknown) => Finding[] | undefined>> = {
  [trivyReportType]: (json) => {
    const { data } = trivyReport.safeParse(json);
    return data && trivyFindings(data, "");
  },
  [grypeReportType]: (json) => {
    const { data } = grypeReport.safeParse(json);
    return data && grypeFindings(data.matches);
  },
  [osvReportType]: (json) => {
    const { data } = osvReport.safeParse(json);
    return data && osvFindings(data);
  },
};

/** Returns whether an artifact of this type is a report that {@link attachedFindings} reads. */
export function isScanReport(mediaType: string | undefined): boolean {
  return mediaType !== undefined && Object.hasOwn(readers, mediaType);
}

/** Findings of a report as a registry has it; undefined for what is no such report. */
export function attachedFindings(mediaType: string, bytes: Buffer): Finding[] | undefined {
  const read = Object.hasOwn(readers, mediaType) ? readers[mediaType] : undefined;
  try {
    return read?.(JSON.parse(bytes.toString("utf8")))?.map(cleanFinding);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
