import { stat } from "node:fs/promises";
import * as path from "node:path";
import { CodeSignatureError, readCodeSignature } from "../../lib/macos/code-signature";
import { codeSignaturesDefinition } from "../../resources/definitions/code-signatures";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, OutputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof codeSignaturesDefinition>;
type Signatures = OutputsOf<typeof codeSignaturesDefinition>["signatures"];

/** `slipway:macos:CodeSignatures`: what the files say; there is nothing to observe. */
export const codeSignaturesHandler = resourceHandler(codeSignaturesDefinition, {
  refreshBeforeUpdate: false,
  computedFrom: ["programs"],

  compute: async (context, { programs }) => ({ signatures: await signaturesOf(context, programs) }),

  diff: (_context, desired, oldInputs) => inputChanges(["signatures", "notarized"], desired, oldInputs),

  id: () => "code-signatures",

  create: (_context, desired) => ({ signatures: desired.signatures ?? [] }),
});

/** @throws InputError */
async function signaturesOf(context: ResourceContext, programs: Inputs["programs"]): Promise<Signatures> {
  const findings: Finding[] = [];
  const signatures: Signatures = [];
  for (const [index, { path: relative, digest }] of programs.entries()) {
    try {
      await context.services.ensureFile(relative, context.observer);
      const file = path.resolve(context.services.project, relative);
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile())
        throw new CodeSignatureError("there is no such file; paths are relative to the project's folder");
      const actual = await context.services.fileDigest(file);
      if (digest !== undefined && digest !== actual)
        throw new CodeSignatureError(`has the digest ${actual}, not the declared ${digest}`);
      signatures.push({ path: relative, ...(await readCodeSignature(file)) });
    } catch (error) {
      if (!(error instanceof CodeSignatureError)) throw error;
      findings.push({
        property: `programs[${index}].path`,
        reason: `${JSON.stringify(relative)}: ${error.message}`,
      });
    }
  }
  await context.services.saveHashes();
  if (findings.length > 0) throw new InputError(findings);
  return signatures;
}
