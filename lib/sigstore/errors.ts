/** Errors of signing and verifying. No message ever holds a key, a password or a token. */

/** A key, a password or a token that cannot be used. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

/** A signature that was not made: the service or the program that makes it refused. */
export class SigningError extends Error {
  override readonly name = "SigningError";
}

/** A bundle that does not prove what it is asked to prove. The message says in which respect. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
}
