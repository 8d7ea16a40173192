import * as path from "node:path";

/** An image that is built from a Dockerfile, as it is declared. */
export interface DeclaredBuild {
  /** Relative to the project's folder, as is the context. */
  readonly dockerfile: string;
  readonly context: string;
  readonly stage?: string | undefined;
  /** Values of ARG; they can be known later only. */
  readonly buildArgs: Readonly<Record<string, unknown>>;
  /** Folders, images and addresses by the names that the Dockerfile has for them. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Contexts that are programs of the distribution. */
  readonly programs: readonly string[];
  /** Images of others of which content is put on top of the last stage, by their references. */
  readonly copies: readonly string[];
  /** Images of the distribution that it starts from; those without an argument are named in the Dockerfile. */
  readonly bases: readonly { readonly image: string; readonly argument?: string | undefined }[];
}

/** The name that an image has in an engine where it is built without a registry. */
export function localImage(distribution: string, image: string): string {
  return `${distribution}-${image}:latest`;
}

/**
 * The `build` of a service of compose, with paths as they are from its file.
 *
 * @param serviceOf name of the service that builds an image
 * Source: compose-spec, "Compose Build Specification".
 */
export function buildSection(
  file: string,
  build: DeclaredBuild,
  distribution: string,
  serviceOf: (image: string) => string,
): Record<string, unknown> {
  const argued = build.bases.flatMap(({ image, argument }) =>
    argument === undefined ? [] : [{ image, argument }],
  );
  const args = {
    ...build.buildArgs,
    ...Object.fromEntries(argued.map(({ image, argument }) => [argument, localImage(distribution, image)])),
  };
  const contexts = {
    ...Object.fromEntries(
      Object.entries(build.contexts).map(([name, location]) => [
        name,
        isFolder(location) ? seenFrom(file, location) : location,
      ]),
    ),
    // A context stands for a name without its `latest`.
    ...Object.fromEntries(
      argued.map(({ image }) => [
        localImage(distribution, image).replace(/:latest$/, ""),
        `service:${serviceOf(image)}`,
      ]),
    ),
  };
  return {
    context: seenFrom(file, build.context),
    dockerfile: path.posix.relative(build.context, build.dockerfile),
    ...(build.stage !== undefined && { target: build.stage }),
    ...(Object.keys(args).length > 0 && { args }),
    ...(Object.keys(contexts).length > 0 && { additional_contexts: contexts }),
  };
}

/** A path of the project as a file of it names it: with a dot, by which compose knows it as one. */
function seenFrom(file: string, target: string): string {
  const relative = path.posix.relative(path.posix.dirname(file), target);
  return relative === "" ? "." : relative.startsWith("..") ? relative : `./${relative}`;
}

function isFolder(location: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/.test(location);
}
