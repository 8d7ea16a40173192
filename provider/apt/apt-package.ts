import * as path from "node:path";
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
import { asInputError, place, placeAnew, placeNow, type MakePackage } from "../linux/placed-package";
import type { ResourceContext } from "../run/context";
import { removeOwn } from "../run/placed-files";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { pathsAt } from "../run/written-files";

type Inputs = InputsOf<typeof aptPackageDefinition>;
type State = StateOf<typeof aptPackageDefinition>;

/**
 * `slipway:apt:Package`: made in the cache by content, then placed under its name. Where that is not
 * on this machine, it is placed when somebody needs it.
 */
export const aptPackageHandler = resourceHandler(aptPackageDefinition, {
  // It follows from what is declared: there is nothing outside to observe.
  refreshBeforeUpdate: false,
  written: (inputs) => pathsAt(inputs, "path"),

  async compute(context, declared, oldInputs) {
    const made = await resolved(context, declared);
    const declaration = inInputs(() => packageRecipe(made));
    // What is known by digest is not needed on this machine, where another one made it.
    const isKnown = oldInputs?.declaration === declaration;
    const { digest = "", size = 0 } = isKnown ? oldInputs : await make(context, made);
    const control = packageControl(made);
    const file = { path: declared.path, digest };
    context.services.made.declare(context.urn, [
      { ...file, place: () => place(context, { ...file, size }, making(context, declared)) },
    ]);
    return { digest, size, control, declaration };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes: Changes = inputChanges(["path"], desired, oldInputs);
    if (desired.digest !== observed.digest) {
      const fields = [
        "name",
        "version",
        "revision",
        "platform",
        "relations",
        "files",
        "units",
        "scripts",
      ] as const;
      Object.assign(changes, inputChanges(fields, desired, oldInputs));
      changes.digest = { kind: "update" };
    }
    return changes;
  },

  id: () => "package",

  async create(context, desired) {
    if (!context.preview) await placeNow(context, desired, making(context, desired));
    return stateOf(desired);
  },

  async update(context, desired, oldInputs) {
    if (!context.preview) await placeAnew(context, desired, oldInputs, making(context, desired));
    return stateOf(desired);
  },

  delete: (context, _id, { path: file, digest = "" }) => removeOwn(context, [{ path: file, digest }]),
});

async function resolved({ services, observer }: ResourceContext, inputs: Inputs): Promise<DebianPackage> {
  const { files, units = [], scripts = {}, name, version, revision, platform, ...rest } = inputs;
  const { maintainer, description, homepage, section, relations } = rest;
  for (const { source } of [...files, ...units]) {
    if (source !== undefined) await services.ensureFile(source, observer);
  }
  try {
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
    return await debianPackage({ control, files, units, scripts }, (declared) =>
      services.layers.resolve(services.project, declared, { field: "files", overBase: false }),
    );
  } catch (error) {
    throw asInputError(error);
  }
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
  const { path: file, digest = "", size = 0, control = "" } = inputs;
  return {
    ...inputs,
    digest,
    size,
    control,
    artifacts: [{ name: path.posix.basename(file), path: file, digest }],
  };
}
