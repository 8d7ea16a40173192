import type { ResourceDefinition } from "../../resources/definitions/definition";
import type { Properties } from "../base/properties";
import { hasUnknown, unknown } from "../base/unknown";
import type { ResourceContext } from "./context";
import type {
  Changes,
  DeclaredOf,
  InputsOf,
  OutputsOf,
  ResourceHandler,
  StateOf,
  WrittenFile,
} from "./resource";

type Awaitable<T> = T | Promise<T>;

/** An observation of a resource: its outputs, and inputs that turned out otherwise. */
type Observed<D> = Partial<Omit<InputsOf<D>, keyof OutputsOf<D>>> & OutputsOf<D>;

/**
 * The part of a handler that is specific to one resource type, in the order of the calls;
 * {@link resourceHandler} does what all types have in common. Where it is not said that values may
 * be unknown, all are known.
 */
export interface HandlerParts<D extends ResourceDefinition> {
  /** Whether the engine should observe the resource before every preview and update. */
  readonly refreshBeforeUpdate: boolean;
  /**
   * Inputs that decide nothing of what is made, e.g. evidence, which is for policies: a preview can
   * go without.
   */
  readonly neutral?: readonly (keyof InputsOf<D> & string)[];
  /**
   * Inputs that the computed ones follow from. Default: all that are declared, but for the neutral
   * ones.
   */
  readonly computedFrom?: readonly (keyof DeclaredOf<D> & string)[];
  /**
   * Whether a preview knows no outputs, e.g. those of a check that runs. Default: those of known
   * inputs are known.
   */
  readonly unknownAtPreview?: boolean;
  /** The files that it writes where its inputs say, as far as they are known. */
  written?(inputs: InputsOf<D>): readonly WrittenFile[];
  /**
   * Refuses what is wrong with the inputs beyond their schema; values may be unknown.
   * @throws InputError
   */
  refuse?(
    context: ResourceContext,
    declared: DeclaredOf<D>,
    oldInputs: InputsOf<D> | undefined,
  ): Awaitable<void>;
  /**
   * The computed inputs, and declared ones that follow from others, once these are known.
   * @throws InputError
   */
  compute?(
    context: ResourceContext,
    declared: DeclaredOf<D>,
    oldInputs: InputsOf<D> | undefined,
  ): Awaitable<Partial<InputsOf<D>>>;
  /** Computed inputs that are not merely unknown while what they follow from is. */
  computedLater?(
    context: ResourceContext,
    declared: DeclaredOf<D>,
    oldInputs: InputsOf<D> | undefined,
  ): Awaitable<Partial<InputsOf<D>>>;
  /** Compares the desired with the observed state; desired values may be unknown. */
  diff(
    context: ResourceContext,
    desired: InputsOf<D>,
    oldInputs: InputsOf<D>,
    observed: StateOf<D>,
  ): Awaitable<Changes>;
  /** Id of the resource; at preview, which has none, values may be unknown. */
  id(desired: InputsOf<D>, context: ResourceContext): string;
  /**
   * Outputs that a preview knows although inputs are unknown; what it says of the resource is said
   * here.
   */
  planned?(
    context: ResourceContext,
    desired: InputsOf<D>,
    observed: StateOf<D> | undefined,
  ): Awaitable<Partial<OutputsOf<D>>>;
  /** Makes the desired state true, adopting what already is; changes nothing at preview. */
  create(context: ResourceContext, desired: InputsOf<D>): Awaitable<Observed<D>>;
  /** Moves the observed to the desired state. Default: makes it true as `create` does. */
  update?(
    context: ResourceContext,
    desired: InputsOf<D>,
    oldInputs: InputsOf<D>,
    observed: StateOf<D>,
  ): Awaitable<Observed<D>>;
  /**
   * Observes. Undefined: it is gone. Default: it is as it was, for there is nothing outside that
   * could change. An id is given where a former release of Slipway made it otherwise.
   */
  observe?(
    context: ResourceContext,
    inputs: InputsOf<D>,
    state: StateOf<D>,
    id: string,
  ): Awaitable<{ id?: string; inputs?: InputsOf<D>; state: StateOf<D> } | undefined>;
  /** Takes what is there into the state by its ID. Undefined: there is none. Default: refused. */
  importById?(
    context: ResourceContext,
    id: string,
  ): Promise<{ id: string; inputs: InputsOf<D>; state: StateOf<D> } | undefined>;
  /**
   * The resource has left the program; what is published stays. Default: nothing is to do or to
   * say.
   */
  delete?(context: ResourceContext, id: string, inputs: InputsOf<D>, state: StateOf<D>): Awaitable<void>;
}

/**
 * The handler of a resource type. Computed inputs do not reach a type's own code before it has
 * computed them; what does not follow from known inputs is unknown, by the names that the
 * definition has; and what cannot be imported says so.
 */
export function resourceHandler<D extends ResourceDefinition>(
  definition: D,
  parts: HandlerParts<D>,
): ResourceHandler<InputsOf<D>, StateOf<D>> & { readonly definition: D } {
  type Inputs = InputsOf<D>;
  type State = StateOf<D>;
  const { neutral = [], computedFrom } = parts;
  const decisive = (inputs: object) =>
    computedFrom ? picked(inputs, computedFrom) : without(inputs, neutral);

  const laterState = async (
    context: ResourceContext,
    desired: Inputs,
    observed: State | undefined,
  ): Promise<State> => {
    const known = await parts.planned?.(context, desired, observed);
    return merged<State>(desired, unknownOf(Object.keys(definition.outputs.shape)), known);
  };
  const isLater = (context: ResourceContext, desired: Inputs) =>
    (context.preview && parts.unknownAtPreview === true) || hasUnknown(without(desired, neutral));

  return {
    definition,
    refreshBeforeUpdate: parts.refreshBeforeUpdate,
    ...(parts.written && { written: (inputs: Inputs) => parts.written?.(inputs) ?? [] }),

    async check(context, inputs, oldInputs) {
      const declared = without(inputs, definition.computed) as DeclaredOf<D>;
      await parts.refuse?.(context, declared, oldInputs);
      if (!hasUnknown(decisive(declared))) {
        return merged<Inputs>(declared, await parts.compute?.(context, declared, oldInputs));
      }
      const later = await parts.computedLater?.(context, declared, oldInputs);
      return merged<Inputs>(declared, unknownOf(definition.computed), later);
    },

    diff: async (context, desired, oldInputs, observed) => parts.diff(context, desired, oldInputs, observed),

    async create(context, desired) {
      const id = parts.id(desired, context);
      if (isLater(context, desired)) return { id, state: await laterState(context, desired, undefined) };
      return { id, state: merged<State>(desired, await parts.create(context, desired)) };
    },

    async read(context, id, inputs, state) {
      if (!inputs || !state) {
        if (parts.importById) return parts.importById(context, id);
        throw new Error(
          `a ${definition.token} cannot be imported by an ID, here ${JSON.stringify(id)}: declare it in a program, ` +
            "and an update adopts what is there already",
        );
      }
      if (!parts.observe) return { id, inputs, state };
      const found = await parts.observe(context, inputs, state, id);
      return found && { id, inputs, ...found };
    },

    async update(context, desired, oldInputs, observed) {
      if (isLater(context, desired)) return laterState(context, desired, observed);
      const state = parts.update
        ? await parts.update(context, desired, oldInputs, observed)
        : await parts.create(context, desired);
      return merged<State>(desired, state);
    },

    async delete(context, id, inputs, state) {
      await parts.delete?.(context, id, inputs, state);
    },
  };
}

/**
 * Properties of which the later ones win. Which parts make up the whole, the types of
 * {@link HandlerParts} say; of a type that is still a parameter the compiler cannot tell it.
 */
function merged<T>(...parts: readonly (object | undefined)[]): T {
  return Object.assign({}, ...parts) as T;
}

/** Outputs of a type that are not known before an update. */
export function unknownOutputs<D extends ResourceDefinition>(definition: D): OutputsOf<D> {
  return unknownOf(Object.keys(definition.outputs.shape)) as OutputsOf<D>;
}

function unknownOf(names: readonly string[]): Properties {
  return Object.fromEntries(names.map((name) => [name, unknown]));
}

function without(inputs: object, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
}

function picked(inputs: object, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
}
