/** Inputs of what has standard annotations. */
interface Annotated {
  standardAnnotations?: Record<string, string> | undefined;
  digest?: string | undefined;
}

/**
 * Returns the inputs that count and what they make: without standard annotations where that is what
 * the state holds, published before there were any. A published version would change else, though
 * nobody changed its declaration.
 */
export async function publishedPlain<Inputs extends Annotated, Made extends { digest: string }>(
  declared: Inputs,
  oldInputs: Annotated | undefined,
  make: (inputs: Inputs) => Made | Promise<Made>,
): Promise<{ inputs: Inputs; made: Made }> {
  const isKept = oldInputs !== undefined && oldInputs.standardAnnotations === undefined;
  if (isKept && declared.standardAnnotations !== undefined) {
    const plain = { ...declared, standardAnnotations: undefined };
    const made = await make(plain);
    if (made.digest === oldInputs.digest) return { inputs: plain, made };
  }
  return { inputs: declared, made: await make(declared) };
}
