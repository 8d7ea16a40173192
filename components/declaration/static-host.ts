import type { SiteCopyArgs } from "../../resources";

/** A host that a served folder is copied to. `s3Host` and `rsyncHost` make one. */
export interface StaticHost extends Pick<SiteCopyArgs, "host" | "keepDays" | "takeOver"> {
  /** Where it is, for resource names and messages; no other host of the folder has it. */
  readonly place: string;
}
