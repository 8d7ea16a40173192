import * as z from "zod";

/** When a key signs no more that another one is about to replace. */
export const formerUntil = z.iso
  .date()
  .optional()
  .meta({
    description: "Day from which it signs no more, in UTC. Default: it signs as long as it is declared.",
    examples: ["2027-06-30"],
  });

/** An OpenPGP key that another one is about to replace. */
export const formerKey = z
  .strictObject({
    key: z.string().describe("Armored OpenPGP private key, a secret."),
    passphrase: z.string().optional().describe("Passphrase of it, a secret. Default: it has none."),
    until: formerUntil,
  })
  .meta({ id: "FormerKey", description: "A key that another one is about to replace." });
