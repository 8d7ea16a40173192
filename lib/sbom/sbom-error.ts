/** An SBOM that cannot be made or attached. The message says of what, why, and what to do. */
export class SbomError extends Error {
  override readonly name = "SbomError";
}
