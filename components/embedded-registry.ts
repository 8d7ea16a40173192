import { embeddedAddress } from "../lib/embedded/registry";
import { embeddedCredentials } from "../lib/embedded/registry-access";
import { ociRegistry, type Registry } from "./declaration/registry";

/**
 * The registry of the embedded default, on this machine with its data in the project's `.slipway`
 * folder. The provider starts it when it is needed. Its port is chosen once for a folder and stays.
 */
export function embeddedRegistry(): Registry {
  return ociRegistry({ host: embeddedAddress(process.cwd()) });
}

/**
 * A base image as a stack's configuration names it: `bases/NAME:TAG` is one that examples/bases has
 * published to the embedded registry, any other reference is itself.
 */
export function baseImage(reference: string): string {
  return reference.startsWith("bases/") ? `${embeddedAddress(process.cwd())}/${reference}` : reference;
}

/**
 * Returns who signs in to the embedded registry, for builders of images that push to it or keep
 * their cache there.
 */
export function credentialsFor(
  references: readonly string[],
): { address: string; username: string; password: string }[] {
  const hosts = new Set(references.map((reference) => reference.split("/")[0] ?? ""));
  return [...hosts].flatMap((address) => {
    const access = embeddedCredentials(process.cwd(), address);
    return access === undefined ? [] : [{ address, ...access }];
  });
}
