import * as z from "zod";
import { defineResource } from "./definition";
import { digest } from "./shapes";

const macProgram = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({ description: "Program, relative to the project's folder.", examples: ["dist/hello"] }),
    digest: digest.optional().describe("Digest that it must have. Default: any."),
  })
  .meta({ id: "MacProgram", description: "A program for macOS." });

const macSignature = z
  .strictObject({
    path: z.string(),
    kind: z
      .enum(["developer", "ad-hoc", "none"])
      .describe("`ad-hoc` is what linkers write, with nobody who signs."),
    hardened: z
      .boolean()
      .describe("Whether it asks for the hardened runtime, without which Apple notarizes nothing."),
    team: z.string().optional().describe("Team of the signer, where the signature names one."),
  })
  .meta({ id: "MacSignature", description: "What a program for macOS says of its signature." });

/** `slipway:macos:CodeSignatures`: whether programs for macOS are signed. */
export const codeSignaturesDefinition = defineResource({
  token: "slipway:macos:CodeSignatures",
  description:
    "Whether programs for macOS are signed by a developer, as far as that can be read in them on any system: that a " +
    "signature is there, not whose it is. Whether Apple has notarized them is declared, since that is asked of Apple " +
    "alone. Nothing is refused here: the policy `casks-are-signed` finds what macOS will not start.",
  inputs: z.strictObject({
    programs: z.array(macProgram).min(1, "at least one program is expected").describe("Programs."),
    notarized: z.boolean().describe("Whether Apple has notarized them. It is taken as it is declared."),
    signatures: z.array(macSignature).optional().describe("Computed: what they say of their signatures."),
  }),
  computed: ["signatures"],
  outputs: z.strictObject({
    signatures: z.array(macSignature).describe("What they say of their signatures."),
  }),
  replaceOn: [],
});
