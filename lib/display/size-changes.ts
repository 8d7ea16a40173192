import { unknownValue } from "./changed-values";
import { shownBytes, shownGrowth } from "./byte-sizes";
import type { Step, StepState } from "./engine-event";
import { nameOfUrn } from "./step-names";

/** The size of what users download, before and after, in bytes as transferred. */
export interface SizeChange {
  /** Repository of an image, or file name of an archive. */
  readonly name: string;
  /** Platform of an image. */
  readonly platform?: string | undefined;
  /** Undefined where there was none. */
  readonly from?: number | undefined;
  /** Undefined where only the build will tell. */
  readonly to?: number | undefined;
}

/** The output that has the size, by type. */
const sizeOutputs: Readonly<Record<string, string>> = {
  "slipway:oci:Image": "totalSize",
  "slipway:oci:Manifest": "totalSize",
  "slipway:build:Archive": "size",
};

/** The change of size that a step is; none of what has no size. */
export function sizeChanges({ type, op, urn, old, new: now }: Step): SizeChange[] {
  const output = sizeOutputs[type];
  if (output === undefined || op === "delete") return [];
  const { repository, path, platform } = { ...now?.inputs };
  const place = [repository, typeof path === "string" ? path.slice(path.lastIndexOf("/") + 1) : undefined];
  const name = place.find((text) => typeof text === "string" && text !== unknownValue);
  return [
    {
      name: typeof name === "string" ? name : nameOfUrn(urn),
      platform: typeof platform === "string" ? platform : undefined,
      from: numberAt(old, output),
      to: numberAt(now, output),
    },
  ];
}

/** `12.3 MB → 12.4 MB (+0.1 MB, +0.8 %)`, or what is known of it. */
export function shownSizes({ from, to }: SizeChange): string {
  const after = to === undefined ? "known after the build" : shownBytes(to);
  if (from === undefined) return after;
  return `${shownBytes(from)} → ${after}${to === undefined ? "" : ` (${shownGrowth(from, to)})`}`;
}

/** What is not told of images that a run would make. */
export const contentNotKnown =
  "packages and vulnerabilities are known after the build: `slipway diff --from OLD --to NEW` tells them";

function numberAt(state: StepState | null | undefined, output: string): number | undefined {
  const value = state?.outputs?.[output];
  return typeof value === "number" ? value : undefined;
}
