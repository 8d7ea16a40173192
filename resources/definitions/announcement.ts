import * as z from "zod";
import { scanDefinition } from "./scan";
import { signer } from "./signer";

/** What a program says that its update will need, before its first resource. */
export const announcement = z.strictObject({
  /** Repositories that it publishes to. */
  repositories: z.array(z.string()).optional(),
  /** Repositories that it mirrors to. */
  mirrors: z.array(z.string()).optional(),
  /** What its channels lack, in sentences. */
  missing: z.array(z.string()).optional(),
  /** Whether it builds images from Dockerfiles. */
  builds: z.boolean().optional(),
  signer: signer.optional(),
  scan: scanDefinition.inputs.pick({ scanner: true, kinds: true, databaseMaxAgeHours: true }).optional(),
});
