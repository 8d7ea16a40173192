/**
 * Inputs without what is known about the digest. Evidence is there for policies to look at: it decides nothing about what
 * is published, and while a preview does not know it yet, everything else may be known.
 */
export function withoutEvidence<I extends { evidence?: unknown }>(inputs: I): Omit<I, "evidence"> {
  const { evidence: _evidence, ...published } = inputs;
  return published;
}
