import * as z from "zod";
import { prose } from "../../resources/definitions/definition";

/** Arguments of channels that install more than programs. Paths are those in the archive, below its root. */
export interface ExtraFilesArgs {
  /** Completions by shell. */
  completions?: { bash?: string; zsh?: string; fish?: string };
  manPages?: string[];
}

const file = prose(z.string().min(1));

/** Their shapes. */
export const extraFilesArguments = {
  completions: z
    .strictObject({ bash: file.optional(), zsh: file.optional(), fish: file.optional() })
    .optional(),
  manPages: z.array(file).min(1).optional(),
} as const;
