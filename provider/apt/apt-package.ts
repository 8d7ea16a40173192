import { anyArchitecture, debianArchitecture } from "../../lib/channels/apt/architecture";
import {
  packageControl,
  packageRecipe,
  writeDebianPackage,
  type DebianPackage,
} from "../../lib/channels/apt/deb";
import { debianPackage } from "../../lib/channels/apt/package";
import { debianVersion } from "../../lib/channels/apt/version";
import { aptPackageDefinition } from "../../resources/definitions/apt-package";
import {
  artifactsOf,
  asInputError,
  declarePackage,
  placedPackage,
  resolvedPackage,
  type MakePackage,
} from "../linux/placed-package";
import type { ResourceContext } from "../run/context";
import type { InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof aptPackageDefinition>;
type State = StateOf<typeof aptPackageDefinition>;

/**
 * `slipway:apt:Package`: made in the cache by content, then placed under its name. Where that is not
 * on this machine, it is placed when somebody needs it.
 */
export const aptPackageHandler = resourceHandler(aptPackageDefinition, {
  ...placedPackage<Inputs, State>({
    decisive: ["name", "version", "revision", "platform", "relations", "files", "units", "scripts"],
    making,
    stateOf,
  }),

  async compute(context, declared, oldInputs) {
    const made = await resolved(context, declared);
    const declaration = inInputs(() => packageRecipe(made));
    // What is known by digest is not needed on this machine, where another one made it.
    const isKnown = oldInputs?.declaration === declaration;
    const { digest = "", size = 0 } = isKnown ? oldInputs : await make(context, made);
    const control = packageControl(made);
    declarePackage(context, { path: declared.path, digest, size }, making(context, declared));
    return { digest, size, control, declaration };
  },
});

function resolved(context: ResourceContext, inputs: Inputs): Promise<DebianPackage> {
  const { files, units = [], scripts = {}, name, version, revision, platform, ...rest } = inputs;
  const { maintainer, description, homepage, section, relations } = rest;
  return resolvedPackage(context, [...files, ...units], (resolve) => {
    const control = {
      name,
      version: debianVersion(version, revision),
      architecture: platform === anyArchitecture ? platform : debianArchitecture(platform),
      maintainer,
      description,
      homepage,
      section,
      relations,
    };
    return debianPackage({ control, files, units, scripts }, resolve);
  });
}

function inInputs<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asInputError(error);
  }
}

async function make({ services, signal }: ResourceContext, declared: DebianPackage) {
  return services.archives.obtain(packageRecipe(declared), (file) =>
    writeDebianPackage(file, declared, signal),
  );
}

/** Makes it from what is declared, where only that is there. */
function making(context: ResourceContext, desired: Inputs): MakePackage {
  return async () => make(context, await resolved(context, desired));
}

function stateOf(inputs: Inputs): State {
  const { digest = "", size = 0, control = "" } = inputs;
  return {
    ...inputs,
    digest,
    size,
    control,
    artifacts: artifactsOf(inputs),
  };
}
