import { InputError } from "../../resources/definitions/input-findings";
import { publicKeyDefinition } from "../../resources/definitions/public-key";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";
import { declaredSigner } from "./trust";

/** `slipway:trust:PublicKey`: what follows from the signer alone; there is nothing to observe. */
export const publicKeyHandler = resourceHandler(publicKeyDefinition, {
  refreshBeforeUpdate: false,
  computedFrom: ["signer"],

  async compute(context, { signer }) {
    const { publicKey } = await declaredSigner(context, signer);
    if (publicKey === undefined) {
      throw new InputError([{ property: "signer", reason: "has no public key that stays" }]);
    }
    return { publicKey };
  },

  diff: (_context, desired, oldInputs) => inputChanges(["publicKey"], desired, oldInputs),

  id: () => "public-key",

  create: (_context, desired) => ({ ...desired, publicKey: desired.publicKey ?? "" }),
});
