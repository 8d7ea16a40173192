import * as z from "zod";
import { controlProblem } from "../../lib/text/controls";

// Each schema checks a few values in the life of a process: compiling validators for them costs
// more than it saves.
z.config({ jitless: true });

/**
 * A resource type of the provider: one definition gives validation, the package schema and the
 * program's types.
 */
export interface ResourceDefinition<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodObject = z.ZodObject,
  T extends string = string,
  C extends string = string,
> {
  /** Type token, e.g. `slipway:oci:Tag`. */
  readonly token: T;
  /** Description of the resource, for the reference documentation. */
  readonly description: string;
  /** Desired state, as a program declares it. */
  readonly inputs: I;
  /**
   * Inputs that the provider computes when it checks the others, so that a preview shows them; no
   * program gives them. `evidenceDigest`, which is written for every type that takes evidence, goes
   * without saying.
   */
  readonly computed: readonly C[];
  /** Observed state beyond the inputs. */
  readonly outputs: O;
  /**
   * Whether what it made stays when it leaves the program, and the preview says so: only a declared
   * retention deletes.
   */
  readonly retained: boolean;
  /** Inputs whose change makes another resource rather than another state of this one. */
  readonly replaceOn: readonly string[];
  /**
   * Inputs that are large and that nobody reads from a resource: the state has them once, and not
   * among the outputs too. Evidence that is taken goes without saying.
   */
  readonly statedOnce: readonly string[];
}

/** Declares a resource type, keeping its exact types. */
export function defineResource<
  I extends z.ZodObject,
  O extends z.ZodObject,
  const T extends string,
  const C extends keyof I["shape"] & string = never,
>(
  definition: Omit<ResourceDefinition<I, O, T, C>, "computed" | "retained" | "statedOnce"> & {
    readonly computed?: readonly C[];
    readonly retained?: boolean;
    readonly replaceOn: readonly (keyof I["shape"] & string)[];
    readonly statedOnce?: readonly (keyof I["shape"] & string)[];
  },
): ResourceDefinition<I, O, T, C> {
  return { computed: [], retained: false, statedOnce: [], ...definition };
}

/**
 * A text that is kept as it stands: without control characters, which the engine would print as
 * they are.
 */
export function prose(text: z.ZodString = z.string()): z.ZodString {
  return text.superRefine((value, context) => {
    const problem = controlProblem(value);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

/**
 * A string that one of the `check…` functions of `oci/reference` accepts; its message is the
 * finding.
 */
export function checked(check: (value: string) => unknown): z.ZodString {
  return z.string().superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });
}
