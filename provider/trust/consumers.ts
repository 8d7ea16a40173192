import {
  findLegacySignature,
  findStatement,
  PredicateType,
  type SignatureVerifier,
} from "../../lib/sigstore";
import { consumers as facts, type Consumer, type SignatureForm } from "../../lib/sigstore/consumers";
import type { Repository } from "../../lib/oci/repository";
import type { Subject } from "../../resources/definitions/evidence";
import type { VerifierDeclaration } from "../../resources/definitions/signer";
import type { ResourceContext } from "../run/context";
import { cosignJudge, cosignRefusal } from "./cosign-check";
import { subjectName } from "./trust";

/** A signature that a consumer reads, and that holds. */
export interface ReadableSignature {
  subject: string;
  consumer: Consumer;
  form: SignatureForm;
  checkedBy: string;
}

const ownCheck = "Slipway (no program of this consumer was run)";

/**
 * Looks whether each consumer can verify a digest: a signature by whom the verifier trusts is there
 * in the form that the consumer takes. Bundles are judged by cosign too, where it is on the machine.
 *
 * @returns what each reads, or why it reads nothing
 */
export async function readableBy(
  context: ResourceContext,
  repository: Repository,
  subject: Subject,
  verifier: SignatureVerifier,
  declaration: VerifierDeclaration,
  consumers: readonly Consumer[],
): Promise<(ReadableSignature | string)[]> {
  const { digest } = subject;
  const [{ found }, older] = await Promise.all([
    findStatement(repository, verifier, { digest, predicateType: PredicateType.cosignSign }),
    findLegacySignature(repository, digest, verifier),
  ]);
  return Promise.all(
    consumers.map(async (consumer): Promise<ReadableSignature | string> => {
      const { forms, title } = facts[consumer];
      const none = `${title} can verify no signature of ${subjectName(subject)}`;
      if (forms.includes("bundle") && found) {
        const judge = await cosignJudge(context);
        const refusal =
          judge === undefined
            ? undefined
            : await cosignRefusal(context, found.bundle, digest, verifier, declaration);
        if (refusal !== undefined) return `${none}: ${judge ?? ""} refuses ${found.referrer}: ${refusal}`;
        return { subject: digest, consumer, form: "bundle", checkedBy: judge ?? ownCheck };
      }
      if (forms.includes("legacy") && older) {
        return { subject: digest, consumer, form: "legacy", checkedBy: ownCheck };
      }
      return forms.includes("bundle")
        ? `${none}: there is none that holds`
        : `${none}: it reads those of the older scheme alone, and there is none that holds: sign with \`legacy: true\` ` +
            "(of a distribution: leave out `legacySignatures: false`), with a key";
    }),
  );
}
