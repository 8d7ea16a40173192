/** Names of projects, as the packaging specifications have them ("Names and normalization", PEP 503). */

const validName = /^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i;

/** Returns the name as an index files it: `Hello.World` and `hello_world` are `hello-world`. */
export function projectKey(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** Returns the name as file names of wheels and sdists have it (PEP 427, PEP 625). */
export function fileNamePart(name: string): string {
  return projectKey(name).replaceAll("-", "_");
}

/** @throws Error for what is no name of a project */
export function checkProjectName(name: string): void {
  if (validName.test(name)) return;
  throw new Error(
    `${JSON.stringify(name)} is not a name of a Python project: letters, digits and ._- are expected, the first and ` +
      'the last a letter or digit (PEP 508; a valid example: "hello-world")',
  );
}
