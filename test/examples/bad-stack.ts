import assert from "node:assert/strict";
import type { Configuration, ProdStack } from "./prod-stack";

/**
 * A way to make the prod stack of an example bad: one change, and the rule that has to refuse it.
 */
export interface BadStack {
  rule: string;
  /** It shows before `up` only where the images are there already: their proofs are known then. */
  onceBuilt?: true;
  /** What is wrong with it. */
  title: string;
  /** Configuration instead of the stack's. */
  config?: (host: string) => Configuration;
  /** What is written in the program, and what stands there instead. */
  program?: readonly [string | RegExp, string];
}

/**
 * One bad stack a test: exactly its rule refuses it, at preview, and what is published stays as it
 * was.
 */
export function refuse(prod: () => ProdStack, bad: BadStack): void {
  it(`${bad.rule}: ${bad.title}`, () => isRefused(prod(), [bad]));
}

/** One test of a stack that is bad in many ways: exactly their rules refuse it. */
export function refuseAtOnce(prod: () => ProdStack, all: readonly BadStack[]): void {
  it(`${all.map(({ rule }) => rule).join(", ")}, at once`, () => isRefused(prod(), all));
}

async function isRefused(prod: ProdStack, all: readonly BadStack[]): Promise<void> {
  const { project, host } = prod;
  const before = await prod.published();
  const good = await project.read("index.ts");
  const stack = await project.read("Pulumi.prod.yaml");
  await project.write({ "index.ts": madeBad(good, all) });
  try {
    const { code, text } = await prod.run(["preview"], configurationOf(all, host));
    assert.notEqual(code, 0, text);
    assert.deepEqual(rulesThatRefuse(text), all.map(({ rule }) => rule).sort(), text);
  } finally {
    await project.write({ "index.ts": good, "Pulumi.prod.yaml": stack });
  }
  assert.deepEqual(await prod.published(), before);
}

/** The configuration of a stack with all that is wrong. */
export function configurationOf(all: readonly BadStack[], host: string): Configuration {
  return Object.assign({}, ...all.map(({ config }) => config?.(host))) as Configuration;
}

/** A program with all that is wrong. */
export function madeBad(good: string, all: readonly BadStack[]): string {
  return all.reduce((text, { title, program }) => {
    const bad = program === undefined ? undefined : text.replace(...program);
    assert.notEqual(bad, text, `${title}: the program has no such text any more`);
    return bad ?? text;
  }, good);
}

/** Names of the rules that a preview was refused by, sorted. */
export function rulesThatRefuse(text: string): string[] {
  const refused = [...text.matchAll(/^\s+- \[mandatory\](?: \[severity: \w+\])?\s+(\S+)/gm)];
  return [...new Set(refused.map(([, name = ""]) => name))].sort();
}
