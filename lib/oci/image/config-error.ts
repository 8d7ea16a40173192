/**
 * A declared image configuration that no image can have. The message has the field, the value and a
 * valid example.
 */
export class ImageConfigError extends Error {
  override readonly name = "ImageConfigError";
  constructor(
    /** Path of the property in the declaration, e.g. `config.exposedPorts[0]`. */
    readonly field: string,
    value: unknown,
    reason: string,
    example: string,
  ) {
    super(`${field}: ${JSON.stringify(value)} ${reason} (a valid example: ${example})`);
  }
}
