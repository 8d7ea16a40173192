import { declaredApk } from "../../lib/channels/apk/declared-package";
import { indexText } from "../../lib/channels/apk/index-entry";
import { apkRecipe, writeApk, type ApkPackage, type ApkSigner } from "../../lib/channels/apk/package";
import { apkPackageDefinition } from "../../resources/definitions/apk-package";
import {
  artifactsOf,
  declarePackage,
  placedPackage,
  resolvedPackage,
  type MakePackage,
} from "../linux/placed-package";
import { refuseClearKey } from "../linux/repository-key";
import type { ResourceContext } from "../run/context";
import type { DeclaredOf, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { formerOf, signerOf } from "./signer";

type Inputs = InputsOf<typeof apkPackageDefinition>;
type State = StateOf<typeof apkPackageDefinition>;

/**
 * `slipway:apk:Package`: made and signed in the cache by content, then placed under its name. Where
 * that is not on this machine, it is placed when somebody needs it.
 */
export const apkPackageHandler = resourceHandler(apkPackageDefinition, {
  ...placedPackage<Inputs, State>({
    decisive: [
      "name",
      "version",
      "revision",
      "platform",
      "license",
      "relations",
      "files",
      "services",
      "scripts",
      "keyName",
    ],
    making,
    stateOf,
  }),
  refuse: (context, declared) => refuseClearKey(context, declared, "alpine"),

  async compute(context, declared, oldInputs) {
    const made = await resolved(context, declared);
    const signer = packageSigner(made, declared, oldInputs?.declaration);
    const declaration = apkRecipe(made, signer);
    // What is known by digest is not needed on this machine, where another one made it.
    const { digest, size, index } = known(oldInputs, declaration) ?? (await indexed(context, made, signer));
    declarePackage(context, { path: declared.path, digest, size }, making(context, declared));
    return { digest, size, index, declaration };
  },
});

function resolved(context: ResourceContext, inputs: Inputs): Promise<ApkPackage> {
  return resolvedPackage(context, [...inputs.files, ...(inputs.services ?? [])], (resolve) =>
    declaredApk(inputs, resolve),
  );
}

/** What a run has found out of the same declaration. */
function known(
  oldInputs: Inputs | undefined,
  declaration: string,
): Required<Pick<Inputs, "digest" | "size" | "index">> | undefined {
  if (oldInputs?.declaration !== declaration) return undefined;
  const { digest, size, index } = oldInputs;
  return digest === undefined || size === undefined || index === undefined
    ? undefined
    : { digest, size, index };
}

async function indexed(context: ResourceContext, declared: ApkPackage, signer: ApkSigner) {
  const made = await make(context, declared, signer);
  const { digest, size } = made;
  return { digest, size, index: await indexText(declared, made, made.path) };
}

function make({ services, signal }: ResourceContext, declared: ApkPackage, signer: ApkSigner) {
  return services.archives.obtain(apkRecipe(declared, signer), (file) =>
    writeApk(file, declared, signer, signal),
  );
}

/** Makes it from what is declared, where only that is there. */
function making(context: ResourceContext, desired: Inputs): MakePackage {
  return async () => {
    const declared = await resolved(context, desired);
    return make(context, declared, packageSigner(declared, desired, desired.declaration));
  };
}

/**
 * Who signs a package: the former one what that has signed, since a package that may be published keeps
 * its bytes, also where the key changes between two runs for one version.
 *
 * @param declaration of the package as it was made, where it was
 */
function packageSigner(
  declared: ApkPackage,
  inputs: DeclaredOf<typeof apkPackageDefinition>,
  declaration: string | undefined,
): ApkSigner {
  const signer = signerOf(inputs);
  const former = formerOf(inputs);
  return former !== undefined && declaration === apkRecipe(declared, former) ? former : signer;
}

function stateOf(inputs: Inputs): State {
  const { digest = "", size = 0, index = "" } = inputs;
  return { ...inputs, digest, size, index, artifacts: artifactsOf(inputs) };
}
