import type * as z from "zod";
import type { ResourceDefinition } from "../../resources/definitions/definition";
import type { ResourceContext } from "./context";

/** How one property differs between the observed and the desired state. */
export interface PropertyChange {
  kind: "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";
  /** True compares with the old inputs, false with the observed state. */
  inputDiff?: boolean;
}

/** Differences by property path. None means that nothing is to do. */
export type Changes = Record<string, PropertyChange>;

/** A file that a resource writes where its inputs say. */
export interface WrittenFile {
  /** Input that names it. */
  readonly property: string;
  /** Relative to the project's folder. */
  readonly path: string;
}

/**
 * Operations of the provider for one resource type, in the order in which the engine asks. All
 * values are plain; those that are not known yet are `unknown` (see unknown.ts) and only `check`
 * and `diff`, and `create` and `update` at preview, can meet them.
 */
export interface ResourceHandler<I = object, O = object> {
  readonly definition: ResourceDefinition;

  /**
   * Validates beyond the schema and adds computed inputs. Must have no effect but on caches.
   *
   * @throws InputError for everything that is wrong with the inputs
   */
  check(context: ResourceContext, inputs: I, oldInputs: I | undefined): Promise<I>;
  /** Compares the desired with the observed state. */
  diff(context: ResourceContext, desired: I, oldInputs: I, observed: O): Promise<Changes>;
  /** Makes the desired state true, adopting what already is. Returns id and observed state. */
  create(context: ResourceContext, desired: I): Promise<{ id: string; state: O }>;
  /** Observes. Undefined: it is gone. Without `inputs` the resource is being imported by its id. */
  read(
    context: ResourceContext,
    id: string,
    inputs: I | undefined,
    state: O | undefined,
  ): Promise<{ id: string; inputs: I; state: O } | undefined>;
  /** Moves the observed to the desired state. */
  update(context: ResourceContext, desired: I, oldInputs: I, observed: O): Promise<O>;
  /**
   * Called when the resource leaves the program; what is published stays unless the type says
   * otherwise.
   */
  delete(context: ResourceContext, id: string, inputs: I, state: O): Promise<void>;
  /** The files that it writes where its inputs say, as far as they are known. */
  written?(inputs: I): readonly WrittenFile[];
  /** Whether the engine should observe the resource before every preview and update. */
  readonly refreshBeforeUpdate: boolean;
}

/** Inputs of a definition as handlers see them. */
export type InputsOf<D> = D extends ResourceDefinition<infer I, z.ZodObject> ? z.infer<I> : never;

/** Those of them that programs give. */
export type DeclaredOf<D> =
  D extends ResourceDefinition<z.ZodObject, z.ZodObject, string, infer C> ? Omit<InputsOf<D>, C> : never;

/** Outputs of a definition. */
export type OutputsOf<D> = D extends ResourceDefinition<z.ZodObject, infer O> ? z.infer<O> : never;

/** Inputs and outputs together: the state that the engine keeps. */
export type StateOf<D> =
  D extends ResourceDefinition<infer I, infer O> ? Omit<z.infer<I>, keyof z.infer<O>> & z.infer<O> : never;
