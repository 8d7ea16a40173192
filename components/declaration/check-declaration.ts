import * as z from "zod";
import { checkDefinition } from "../../resources/definitions/check";
import { exactlyOne } from "../../resources/definitions/exactly-one";
import type { CheckArgs } from "../../resources";
import { isImageTarget, type ImageTarget } from "./registry";
import { template, versionNames } from "./templates";
import { narrowed, type AnyName, type ExactlyOneOf } from "./variants";

/** Declaration of a check among the gates, or after the publication. */

/** Names that stand for an image, and for where it is. */
export const imageNames = ["image", "repository", "digest", "reference"] as const;

/** Names that a declared check can have in its texts. */
export const checkNames = [...versionNames, ...imageNames];

const { command, http, checksum, triggers, attempts, delaySeconds, timeoutSeconds, advisory } =
  checkDefinition.inputs.shape;

const url = template(
  checkNames,
  "https://example.com/{semver}",
  z.string().regex(/^https?:\/\//, "an http or https URL is expected"),
);

/** What a check can look at: exactly one of these. */
export const checkKinds = ["command", "http", "anonymousPull", "checksum"] as const;

const fields = z.strictObject({
  /** A command that must exit with code 0. */
  command,
  /** A URL that must answer. */
  http: http.unwrap().extend({ url }).optional(),
  /** Image that anyone must be able to pull without signing in, e.g. `{repository}:{semver}`. */
  anonymousPull: template(checkNames, "{repository}:{semver}").optional(),
  /** A file or download that must have a digest. */
  checksum,
  /** Values that run the check again when they change, beside the digests of its images. */
  triggers,
  /** Attempts before the check fails, e.g. for content that takes a while to be served. Default: 1. */
  attempts,
  /** Seconds between attempts. Default: 5. */
  delaySeconds,
  /** Timeout of one attempt in seconds. Default: 300. */
  timeoutSeconds,
  /** Whether a failure is only reported and recorded, and stops nothing. Default: false. */
  advisory,
  /** Images that the check is about: a new digest runs it again. Default: all. */
  images: z
    .array(z.string())
    .min(1, "at least one image is expected")
    .optional()
    .meta({ examples: [["hello"]] }),
  /**
   * `image` makes a check for each image. For `afterPublication`, `repository` makes one for each
   * image in each registry, and `tag` one for each tag of it there, which `{reference}` names then.
   * Default: one check.
   */
  each: z.enum(["image", "repository", "tag"]).optional(),
  /** With `each: "repository"` or `"tag"`, the registries that are looked at. Default: all. */
  registries: z.array(z.custom<ImageTarget>(isImageTarget, "a registry is expected")).min(1).optional(),
  /** Names of those beside it that have to pass first. */
  after: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ examples: [["reachable"]] }),
});

type Fields = z.infer<typeof fields>;

/**
 * A check: the fields of `Check`. Its texts can have `{version}`, `{semver}` and `{tag}`, and of the
 * image that it is about `{image}`, `{repository}`, `{digest}` and `{reference}`.
 *
 * @typeParam Images names of the distribution's images
 */
export type CheckDeclaration<Images extends string = AnyName> = ExactlyOneOf<
  Omit<CheckArgs, "subject">,
  (typeof checkKinds)[number]
> &
  Pick<Fields, "each" | "registries" | "after"> & {
    /** Images that the check is about: a new digest runs it again. Default: all. */
    images?: Images[] | undefined;
  };

/** What makes resources of its own; its arguments are typed by the components: `GateRule`. */
export type GateFunction = (...args: never[]) => unknown;

/** Checks by name, and functions that make other resources. */
export type DeclaredGates =
  GateFunction | Record<string, CheckDeclaration<string> | GateFunction | undefined>;

const check = fields.superRefine(
  exactlyOne(checkKinds, "declares no check", 'command: { command: ["./smoke-test.sh"] }'),
);

/** Functions are taken out before: they are what they are. */
export const gates = narrowed<DeclaredGates>(
  z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9_][A-Za-z0-9 ._-]*$/, "a name of letters, digits, spaces and ._- is expected"),
      check.optional(),
    )
    .meta({ examples: [{ health: { command: { command: ["./smoke-test.sh"] } } }] }),
);

/** Returns the checks of a declaration by name; none where a function makes them all. */
export function declaredChecks(declared: DeclaredGates | undefined): [string, CheckDeclaration<string>][] {
  return namedGates(declared).filter(
    (entry): entry is [string, CheckDeclaration<string>] => typeof entry[1] !== "function",
  );
}

/** Returns the checks and functions of a declaration by name. */
export function namedGates(
  declared: DeclaredGates | undefined,
): [string, CheckDeclaration<string> | GateFunction][] {
  if (declared === undefined || typeof declared === "function") return [];
  return Object.entries(declared).filter(
    (entry): entry is [string, CheckDeclaration<string> | GateFunction] => entry[1] !== undefined,
  );
}

/** Returns a declaration without its functions. */
export function withoutFunctions<T extends object>(args: T, fields: readonly (keyof T)[]): T {
  const rest = { ...args };
  for (const field of fields) {
    const value: unknown = args[field];
    if (typeof value === "function") delete rest[field];
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const kept = Object.entries(value).filter(([, entry]) => typeof entry !== "function");
      rest[field] = Object.fromEntries(kept) as T[keyof T];
    }
  }
  return rest;
}
