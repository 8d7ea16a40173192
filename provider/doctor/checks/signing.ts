import { failure, notAsked, ok, type Answer } from "../../../lib/doctor/finding";
import * as path from "node:path";
import { identityClaims } from "../../../lib/sigstore/keyless-signer";
import { durationText } from "../../../lib/text/duration";
import { apkPackageDefinition } from "../../../resources/definitions/apk-package";
import { apkRepositoryDefinition } from "../../../resources/definitions/apk-repository";
import { aptRepositoryDefinition } from "../../../resources/definitions/apt-repository";
import { gitFilesDefinition } from "../../../resources/definitions/git-files";
import { rpmPackageDefinition } from "../../../resources/definitions/rpm-package";
import { rpmRepositoryDefinition } from "../../../resources/definitions/rpm-repository";
import type { SignerDeclaration } from "../../../resources/definitions/signer";
import { signerOf as apkSigner } from "../../apk/signer";
import { hasUnknown } from "../../base/unknown";
import { signerOf as commitSigner } from "../../git/signing";
import { keyOf } from "../../linux/repository-key";
import { openSigner } from "../../trust/signers";
import type { Account } from "../account";
import type { DoctorCheck, Examined } from "../check";
import type { Question } from "../../../lib/doctor/question";

type Asking = Omit<Question, "check">;

/** Who signs: keys that open and sign, or an identity that is there. Nothing that is signed leaves this machine. */
export const signingCheck: DoctorCheck = {
  name: "signing",
  order: 20,
  questions: (examined) => [...signers(examined), ...keys(examined)],
};

/** Signers of images and files, each once. */
function signers({ declared, project, env }: Examined): Asking[] {
  const found = new Map<string, readonly [SignerDeclaration, Account]>();
  const all = declared.ofTypes(
    "slipway:trust:Signature",
    "slipway:trust:Attestation",
    "slipway:trust:Provenance",
    "slipway:trust:FileSignature",
    "slipway:trust:Sbom",
  );
  for (const { inputs, account } of all) {
    if (inputs.signer === undefined || hasUnknown(inputs.signer)) continue;
    found.set(JSON.stringify(inputs.signer), [inputs.signer as SignerDeclaration, account]);
  }
  return [...found.values()].map(([signer, account]) => ({
    about: signer.key ?? signer.kms ?? signer.keyless?.issuer ?? "",
    ask: (signal) => {
      if (signer.keyless) return identity(signer.keyless, account, signal, { project, env });
      return signed(signer, account, signal);
    },
  }));
}

async function signed(signer: SignerDeclaration, account: Account, signal: AbortSignal): Promise<Answer> {
  // It is made where it is not there, and nothing is made here.
  if (signer.generate) return ok("a throw-away key: made where it is not there");
  const opened = await openSigner(await account.context(signal), signer);
  if (signer.kms !== undefined) {
    return notAsked(`the key service answers for ${opened.id}; whether it signs, only a signature says`);
  }
  const text = Buffer.from("trial");
  const signature = await opened.signBytes?.(text);
  return signature !== undefined && opened.verifier.verifyBytes?.(text, signature) !== undefined
    ? ok(`opens and signs, as ${opened.id}`)
    : failure(`${opened.id} opens, and what it signs does not verify`);
}

async function identity(
  { issuer, token, tokenFile }: NonNullable<SignerDeclaration["keyless"]>,
  account: Account,
  signal: AbortSignal,
  { project, env }: Pick<Examined, "project" | "env">,
): Promise<Answer> {
  const context = await account.context(signal);
  const claims = await identityClaims({
    issuer,
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile: path.resolve(project, tokenFile) }),
    env,
    onSecret: (text) => context.addSecret(text),
  });
  const { issuer: by = "nobody", expiresAt } = claims;
  if (by !== issuer) {
    return failure(
      `there is an identity token of ${by}, and one of ${issuer} is declared`,
      "Correct `issuer`, or where the token comes from.",
    );
  }
  const leftMs = (expiresAt ?? Infinity) - Date.now();
  if (leftMs <= 0)
    return failure("the identity token has ended", "Get a new one; CI services give one to each job.");
  return ok(
    `there is an identity token${expiresAt === undefined ? "" : `, for another ${durationText(leftMs)}`}`,
  );
}

/** What else is signed with: packages, repositories of packages, and commits. */
function keys({ declared }: Examined): Asking[] {
  const openPgp = [
    ...declared.of(aptRepositoryDefinition),
    ...declared.of(rpmRepositoryDefinition),
    ...declared.of(rpmPackageDefinition),
  ];
  const rsa = [...declared.of(apkRepositoryDefinition), ...declared.of(apkPackageDefinition)];
  const commits = declared.of(gitFilesDefinition).filter(({ inputs }) => inputs.signingKey !== undefined);
  return [
    ...openPgp.map(({ name, inputs }) =>
      opening("OpenPGP key", name, [inputs.key, inputs.passphrase], () => keyOf(inputs)),
    ),
    ...rsa.map(({ name, inputs }) =>
      opening("RSA key", name, [inputs.key, inputs.passphrase], () => apkSigner(inputs)),
    ),
    ...commits.map(({ name, inputs }) =>
      opening("key for commits", name, [inputs.signingKey, inputs.signingPassphrase], () =>
        commitSigner(inputs),
      ),
    ),
  ];
}

function opening(kind: string, resource: string, secrets: readonly unknown[], open: () => unknown): Asking {
  return {
    about: `${kind} of ${resource}`,
    ask: async () => {
      if (hasUnknown(secrets)) return notAsked("the key is known only in a release");
      await open();
      return ok("opens");
    },
  };
}
