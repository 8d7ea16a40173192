/**
 * What was a class and is a function or an interface now: it says so where an older program makes
 * one.
 *
 * @param now what to write instead, e.g. `ociRegistry(…)`
 */
export function renamedClass<Args>(name: string, now: string): new (args: Args) => never {
  return class {
    constructor() {
      throw new Error(`\`new ${name}(…)\` is now called \`${now}\``);
    }
  } as unknown as new (args: Args) => never;
}
