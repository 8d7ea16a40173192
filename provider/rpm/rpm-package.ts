import { declaredRpm } from "../../lib/channels/rpm/declared-package";
import { rpmRecipe, writeRpm, type RpmPackage } from "../../lib/channels/rpm/package";
import { readRange } from "../../lib/channels/rpm/range";
import { rpmFragments } from "../../lib/channels/rpm/repodata";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { rpmPackageDefinition } from "../../resources/definitions/rpm-package";
import {
  artifactsOf,
  declarePackage,
  placedPackage,
  resolvedPackage,
  type MakePackage,
} from "../linux/placed-package";
import { packageKeyOf, refuseClearKey } from "../linux/repository-key";
import type { ResourceContext } from "../run/context";
import type { DeclaredOf, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof rpmPackageDefinition>;
type State = StateOf<typeof rpmPackageDefinition>;

/**
 * `slipway:rpm:Package`: made and signed in the cache by content, then placed under its name. Where
 * that is not on this machine, it is placed when somebody needs it.
 */
export const rpmPackageHandler = resourceHandler(rpmPackageDefinition, {
  ...placedPackage<Inputs, State>({
    decisive: [
      "name",
      "version",
      "revision",
      "platform",
      "license",
      "relations",
      "files",
      "units",
      "scripts",
    ],
    making,
    stateOf,
  }),
  refuse: (context, declared) => refuseClearKey(context, declared, "rpm"),

  async compute(context, declared, oldInputs) {
    const made = await resolved(context, declared);
    const key = await signerOf(made, declared, oldInputs?.declaration);
    const declaration = await rpmRecipe(made, key);
    // What is known by digest is not needed on this machine, where another one made it.
    const { digest, size, lists } = known(oldInputs, declaration) ?? (await listed(context, made, key));
    declarePackage(context, { path: declared.path, digest, size }, making(context, declared));
    return { digest, size, lists, declaration };
  },
});

function resolved(context: ResourceContext, inputs: Inputs): Promise<RpmPackage> {
  return resolvedPackage(context, [...inputs.files, ...(inputs.units ?? [])], (resolve) =>
    declaredRpm(inputs, resolve),
  );
}

/** What a run has found out of the same declaration. */
function known(
  oldInputs: Inputs | undefined,
  declaration: string,
): Required<Pick<Inputs, "digest" | "size" | "lists">> | undefined {
  if (oldInputs?.declaration !== declaration) return undefined;
  const { digest, size, lists } = oldInputs;
  return digest === undefined || size === undefined || lists === undefined
    ? undefined
    : { digest, size, lists };
}

async function listed(context: ResourceContext, declared: RpmPackage, key: SigningKey) {
  const made = await make(context, declared, key);
  const { digest, size } = made;
  return { digest, size, lists: { ...rpmFragments(declared, made, await readRange(made.path)) } };
}

async function make({ services, signal }: ResourceContext, declared: RpmPackage, key: SigningKey) {
  return services.archives.obtain(await rpmRecipe(declared, key), (file) =>
    writeRpm(file, declared, key, signal),
  );
}

/** Makes it from what is declared, where only that is there. */
function making(context: ResourceContext, desired: Inputs): MakePackage {
  return async () => {
    const declared = await resolved(context, desired);
    return make(context, declared, await signerOf(declared, desired, desired.declaration));
  };
}

/**
 * The key of a package: the former one of what that has signed, since a package that may be published
 * keeps its bytes, also where the key changes between two runs for one version.
 *
 * @param declaration of the package as it was made, where it was
 */
async function signerOf(
  declared: RpmPackage,
  inputs: DeclaredOf<typeof rpmPackageDefinition>,
  declaration: string | undefined,
): Promise<SigningKey> {
  const key = await packageKeyOf(inputs);
  const isOfFormer = key.former !== undefined && declaration === (await rpmRecipe(declared, key.former));
  return isOfFormer ? key.former : key;
}

function stateOf(inputs: Inputs): State {
  const { digest = "", size = 0, lists = { primary: "", filelists: "", other: "" } } = inputs;
  return {
    ...inputs,
    digest,
    size,
    lists,
    artifacts: artifactsOf(inputs),
  };
}
