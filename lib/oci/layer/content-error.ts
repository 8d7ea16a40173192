/** An invalid declaration of a layer. The message has the field, the value and a valid example. */
export class LayerContentError extends Error {
  override readonly name = "LayerContentError";
  constructor(
    /** Path of the property in the declaration, e.g. `layers[0].files[2].source`. */
    readonly field: string,
    value: unknown,
    reason: string,
    example: string,
  ) {
    super(`${field}: ${JSON.stringify(value)} ${reason} (a valid example: ${example})`);
  }
}
