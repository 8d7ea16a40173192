import type { ResourceDefinition } from "../../resources/definitions/definition";
import type { InputsOf } from "../run/resource";
import { hasUnknown } from "../base/unknown";
import type { Properties } from "../base/properties";
import type { Account } from "./account";

/** A resource of a program, as the engine has given it to the provider. */
export interface DeclaredResource<Inputs = Properties> {
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  readonly inputs: Inputs;
  /** Its inputs in the state of the stack; undefined where it is not there. */
  readonly former: Inputs | undefined;
  /** With whose rights it is published. */
  readonly account: Account;
}

/** What a program declares. */
export class Declared {
  private readonly resources: DeclaredResource[] = [];

  add(resource: DeclaredResource): void {
    this.resources.push(resource);
  }

  /** Resources of some types. Inputs may be unknown in part: those that come of what is built. */
  ofTypes(...types: readonly string[]): readonly DeclaredResource[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  /** Resources of one type, of which the named inputs are known. */
  of<Definition extends ResourceDefinition>(
    definition: Definition,
    ...known: readonly (keyof InputsOf<Definition> & string)[]
  ): readonly DeclaredResource<InputsOf<Definition>>[] {
    return this.ofTypes(definition.token).filter(({ inputs }) =>
      known.every((name) => !hasUnknown(inputs[name])),
    ) as unknown as readonly DeclaredResource<InputsOf<Definition>>[];
  }
}
