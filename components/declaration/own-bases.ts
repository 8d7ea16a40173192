import type { ImageDeclaration } from "./image-declaration";

/** An image of this distribution that another one is built on. */
export interface OwnBase {
  readonly image: string;
  /** Build argument that names it; else it is a named context. */
  readonly argument?: string;
}

/** The images of the distribution that a Dockerfile image is declared to start from. */
export function ownBases({ dockerfile, base: declared }: ImageDeclaration<string, string>): OwnBase[] {
  if (dockerfile === undefined || declared === undefined) return [];
  return [declared].flat().map((entry) => (typeof entry === "string" ? { image: entry } : entry));
}

/**
 * The contexts of an image that are binaries of the distribution: the binary's name by the
 * context's.
 */
export function builtContexts({ contexts = {} }: ImageDeclaration<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(contexts).flatMap(([name, context]) =>
      typeof context === "string" ? [] : [[name, context.binary] as const],
    ),
  );
}
