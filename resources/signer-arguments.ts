import * as pulumi from "@pulumi/pulumi";
import type { SignerDeclaration } from "./definitions/signer";
import type { DeepInput } from "./arguments";

/**
 * Arguments whose signer keeps its password and its token secret in the state, also where the program gave them as
 * plain text.
 */
export function withSecretSigner<A extends { signer?: DeepInput<SignerDeclaration | undefined> }>(
  args: A,
): A {
  return args.signer === undefined ? args : { ...args, signer: secretSigner(args.signer) };
}

/** A signer whose properties may be outputs, but which is none itself. */
type PlainSigner = Extract<DeepInput<SignerDeclaration>, { key?: unknown }>;

function secretSigner(signer: DeepInput<SignerDeclaration | undefined>): pulumi.Input<unknown> {
  // What is inside an output cannot be told apart here.
  if (signer === undefined || pulumi.Output.isInstance(signer) || signer instanceof Promise)
    return pulumi.secret(signer);
  const { password, keyless, ...rest } = signer;
  return {
    ...rest,
    ...(password === undefined ? {} : { password: pulumi.secret(password) }),
    ...(keyless === undefined ? {} : { keyless: secretToken(keyless) }),
  };
}

function secretToken(keyless: NonNullable<PlainSigner["keyless"]>): pulumi.Input<unknown> {
  if (pulumi.Output.isInstance(keyless) || keyless instanceof Promise) return pulumi.secret(keyless);
  return keyless.token === undefined ? keyless : { ...keyless, token: pulumi.secret(keyless.token) };
}
