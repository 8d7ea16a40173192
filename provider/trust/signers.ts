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
import { noteThrowAwayKey } from "./throw-away-keys";

/** Where signers and verifiers find what their declarations name. */
export interface SignerOptions {
  /** Folder that paths are relative to. */
  directory: string;
  env?: NodeJS.ProcessEnv;
  /** Gets the identity token that was found, before it is sent. */
  onSecret?: (text: string) => void;
}

/** Keys that this process has decrypted: it takes a moment each, and every resource of a program asks. */
const opened = new Map<string, Promise<KeyObject>>();

/** Signers with a key in a service, by its URI. */
const services = new Map<string, Promise<Signer>>();

/**
 * Opens the signer that a declaration names.
 *
 * @throws KeyError, SigningError; no message holds a password or a token
 */
export async function openSigner(declaration: SignerDeclaration, options: SignerOptions): Promise<Signer> {
  if (declaration.kms !== undefined) return openKms(declaration.kms, options);
  if (declaration.keyless) {
    const { token, tokenFile, trustedRoot, ...rest } = declaration.keyless;
    return keylessSigner().openKeylessSigner({
      ...rest,
      trustedRootFile: path.resolve(options.directory, trustedRoot),
      token,
      tokenFile: tokenFile && path.resolve(options.directory, tokenFile),
      env: options.env ?? process.env,
      onSecret: options.onSecret,
    });
  }
  return keySigner(await openKey(declaration, options));
}

/**
 * Who has signed when the signer that a declaration names has: what is needed to compare and to preview. A key that is
 * encrypted is not opened where its password is not there and the public key lies beside it, so that a preview can run
 * where nothing may be signed.
 *
 * @throws KeyError
 */
export async function signerVerifier(
  declaration: SignerDeclaration,
  options: SignerOptions,
): Promise<SignatureVerifier> {
  if (declaration.keyless) return openVerifier(identityOf(declaration.keyless), options);
  if (
    declaration.key !== undefined &&
    !declaration.generate &&
    passwordOf(declaration, options) === undefined
  ) {
    const file = path.resolve(options.directory, declaration.key);
    const beside = await readFile(publicKeyFile(file), "utf8").catch(() => undefined);
    if (beside !== undefined && isEncryptedKey(await readKeyFile(file))) {
      return publicKeyVerifier(beside, publicKeyFile(declaration.key));
    }
  }
  return (await openSigner(declaration, options)).verifier;
}

/** Opens the verifier that a declaration names. @throws KeyError */
export async function openVerifier(
  declaration: VerifierDeclaration,
  options: SignerOptions,
): Promise<SignatureVerifier> {
  const { publicKey, issuer, identity, identityPattern, trustedRoot } = declaration;
  if (publicKey?.includes("-----BEGIN ")) return publicKeyVerifier(publicKey, "`publicKey`");
  if (publicKey !== undefined) {
    const text = await readKeyFile(path.resolve(options.directory, publicKey));
    return publicKeyVerifier(text, publicKey);
  }
  return identityVerifier().openIdentityVerifier({
    issuer: issuer ?? "",
    identity,
    identityPattern,
    trustedRootFile: path.resolve(options.directory, trustedRoot ?? ""),
  });
}

/** @param text PEM with a public key @param name of the file or field, for messages */
function publicKeyVerifier(text: string, name: string): SignatureVerifier {
  const key = readPublicKey(text, name);
  if (isThrowAwayKey(text)) noteThrowAwayKey(keyFingerprint(key));
  return keyVerifier(key);
}

/** Each opening asks the service for the public key; of one run that is the same. */
async function openKms(uri: string, { env }: SignerOptions): Promise<Signer> {
  const opening = services.get(uri) ?? openKmsSigner(uri, env);
  services.set(uri, opening);
  opening.catch(() => services.delete(uri));
  return opening;
}

function identityOf({
  issuer,
  identity,
  identityPattern,
  trustedRoot,
}: NonNullable<SignerDeclaration["keyless"]>): VerifierDeclaration {
  return { issuer, identity, identityPattern, trustedRoot };
}

async function openKey(declaration: SignerDeclaration, options: SignerOptions): Promise<KeyObject> {
  const { key } = declaration;
  if (key === undefined) throw new KeyError("the signer has neither `key` nor `kms` nor `keyless`");
  const file = path.resolve(options.directory, key);
  const password = passwordOf(declaration, options);
  if (declaration.generate) await ensureKeyPair(file, password ?? "");
  const text = await readKeyFile(file);
  const known = digestOf([file, text, password ?? "", String(password === undefined)].join("\0"));
  const opening = opened.get(known) ?? readPrivateKey(text, password, key);
  opened.set(known, opening);
  opening.catch(() => opened.delete(known));
  if (declaration.generate || isThrowAwayKey(text)) {
    noteThrowAwayKey(keyFingerprint(publicKeyOf(await opening)));
  }
  return opening;
}

/** A key that is made here has no password of somebody's environment. */
function passwordOf({ password, generate }: SignerDeclaration, { env }: SignerOptions): string | undefined {
  return password ?? (generate ? "" : (env ?? process.env).COSIGN_PASSWORD);
}
