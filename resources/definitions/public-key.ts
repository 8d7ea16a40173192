import * as z from "zod";
import { defineResource } from "./definition";
import { signer } from "./signer";

/** `slipway:trust:PublicKey`: the public key of a signer. */
export const publicKeyDefinition = defineResource({
  token: "slipway:trust:PublicKey",
  description:
    "The public key of a signer, for what is to verify by itself, e.g. an installer. It is known at " +
    "preview, and reading it needs no password.",
  inputs: z.strictObject({
    signer: signer
      .refine(({ keyless }) => keyless === undefined, "an identity signs with a new key each time")
      .describe("Signer: a key in a file, or in a service."),
    publicKey: z.string().optional().describe("Computed: the public key (PEM)."),
  }),
  computed: ["publicKey"],
  outputs: z.strictObject({
    publicKey: z.string().describe("The public key (PEM)."),
  }),
  replaceOn: [],
});
