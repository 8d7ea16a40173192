/** Rules of npm for the name of a new package (validate-npm-package-name). */
const validName = /^(?:@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/;
const longestName = 214;

/** @throws Error for what npm takes as the name of no new package */
export function checkPackageName(name: string): void {
  if (name.length <= longestName && validName.test(name)) return;
  throw new Error(
    `${JSON.stringify(name)} is not a name that npm takes for a package: at most ${longestName} lower-case letters, digits ` +
      'and -._~ are expected (valid examples: "hello", "@acme/hello")',
  );
}
