import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { SignerDeclaration, VerifierDeclaration } from "../../resources/definitions/signer";
import {
  isEncryptedKey,
  KeyError,
  keyFingerprint,
  keySigner,
  keyVerifier,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
  type SignatureVerifier,
  type Signer,
} from "../../lib/sigstore";
import { digestOf } from "../../lib/oci/digest";
import { ensureKeyPair, isThrowAwayKey, publicKeyFile, readKeyFile } from "../../lib/sigstore/key-file";
import { openKmsSigner } from "../../lib/sigstore/kms-signer";
import { identityVerifier, keylessSigner } from "../../lib/sigstore/on-demand";
import type { ResourceContext } from "../run/context";
import { noteThrowAwayKey } from "./throw-away-keys";

/**
 * Opens the signer that a declaration names; an identity token that it finds is kept out of
 * messages.
 *
 * @throws KeyError, SigningError; no message holds a password or a token
 */
export async function openSigner(context: ResourceContext, declaration: SignerDeclaration): Promise<Signer> {
  const { kms } = declaration;
  // Each opening asks the service for the public key.
  if (kms !== undefined) return context.run.once(`key service: ${kms}`, () => openKmsSigner(kms));
  if (declaration.keyless) {
    const { token, tokenFile, trustedRoot, ...rest } = declaration.keyless;
    return keylessSigner().openKeylessSigner({
      ...rest,
      trustedRootFile: path.resolve(context.services.project, trustedRoot),
      token,
      tokenFile: tokenFile && path.resolve(context.services.project, tokenFile),
      env: process.env,
      onSecret: (text) => context.addSecret(text),
    });
  }
  return keySigner(await openKey(context, declaration));
}

/**
 * Returns who has signed when the signer that a declaration names has: what is needed to compare
 * and to preview. Where the private key is not there, or is encrypted and its password is not, the
 * public one says it, so that a preview can run where nothing may be signed.
 *
 * @throws KeyError
 */
export async function signerVerifier(
  context: ResourceContext,
  declaration: SignerDeclaration,
): Promise<SignatureVerifier> {
  if (declaration.keyless) return openVerifier(context, identityOf(declaration.keyless));
  // A password is no use without the key.
  if (declaration.key !== undefined && !declaration.generate && !(await canOpen(context, declaration))) {
    const verifier = await publicVerifier(context, declaration, declaration.key);
    if (verifier) return verifier;
  }
  return (await openSigner(context, declaration)).verifier;
}

/** The verifier of the public key that belongs to a private one; undefined where there is none. */
async function publicVerifier(
  context: ResourceContext,
  { publicKey }: SignerDeclaration,
  key: string,
): Promise<SignatureVerifier | undefined> {
  if (publicKey?.includes("-----BEGIN ")) return publicKeyVerifier(context, publicKey, "`publicKey`");
  const publicFile = publicKey ?? publicKeyFile(key);
  const found = await readFile(path.resolve(context.services.project, publicFile), "utf8").catch(
    () => undefined,
  );
  return found === undefined ? undefined : publicKeyVerifier(context, found, publicFile);
}

/** Opens the verifier that a declaration names. @throws KeyError */
export async function openVerifier(
  context: ResourceContext,
  declaration: VerifierDeclaration,
): Promise<SignatureVerifier> {
  const { publicKey, issuer, identity, identityPattern, trustedRoot } = declaration;
  if (publicKey?.includes("-----BEGIN ")) return publicKeyVerifier(context, publicKey, "`publicKey`");
  if (publicKey !== undefined) {
    const text = await readKeyFile(path.resolve(context.services.project, publicKey));
    return publicKeyVerifier(context, text, publicKey);
  }
  return identityVerifier().openIdentityVerifier({
    issuer: issuer ?? "",
    identity,
    identityPattern,
    trustedRootFile: path.resolve(context.services.project, trustedRoot ?? ""),
  });
}

/** @param text PEM with a public key @param name of the file or field, for messages */
function publicKeyVerifier({ run }: ResourceContext, text: string, name: string): SignatureVerifier {
  const key = readPublicKey(text, name);
  if (isThrowAwayKey(text)) noteThrowAwayKey(run, keyFingerprint(key));
  return keyVerifier(key);
}

function identityOf({
  issuer,
  identity,
  identityPattern,
  trustedRoot,
}: NonNullable<SignerDeclaration["keyless"]>): VerifierDeclaration {
  return { issuer, identity, identityPattern, trustedRoot };
}

async function openKey(
  { run, services }: ResourceContext,
  declaration: SignerDeclaration,
): Promise<KeyObject> {
  const { key } = declaration;
  if (key === undefined) throw new KeyError("the signer has neither `key` nor `kms` nor `keyless`");
  const file = path.resolve(services.project, key);
  const password = passwordOf(declaration);
  if (declaration.generate) await ensureKeyPair(file, password ?? "");
  const text = await readKeyFile(file);
  const content = digestOf([file, text, password ?? "", String(password === undefined)].join("\0"));
  // To decrypt a key takes a moment, and every resource of a program asks for it.
  const opened = await run.once(`private key: ${content}`, () => readPrivateKey(text, password, key));
  if (declaration.generate || isThrowAwayKey(text)) {
    noteThrowAwayKey(run, keyFingerprint(publicKeyOf(opened)));
  }
  return opened;
}

/** Returns whether the private key is there, and its password where it needs one. */
async function canOpen({ services }: ResourceContext, declaration: SignerDeclaration): Promise<boolean> {
  const file = path.resolve(services.project, declaration.key ?? "");
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text !== undefined && (passwordOf(declaration) !== undefined || !isEncryptedKey(text));
}

/** A key that is made here has no password of somebody's environment. */
function passwordOf({ password, generate }: SignerDeclaration): string | undefined {
  return password ?? (generate ? "" : process.env.COSIGN_PASSWORD);
}
