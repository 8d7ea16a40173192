import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  buildDifferences,
  partKey,
  PartFileError,
  readParts,
  settingDigests,
  type BuildPart,
  type BuiltFrom,
} from "../../lib/buildkit/build-part";
import { isNotFound } from "../../lib/oci/errors";
import { BaseImageError, readBase, type BaseImage } from "../../lib/oci/image/base";
import { parsePlatform } from "../../lib/oci/platform";
import { buildPartDefinition } from "../../resources/definitions/build-part";
import { InputError } from "../../resources/definitions/input-findings";
import { unknown } from "../base/unknown";
import { goneManifestsOf, manifestId } from "../images/gone-manifests";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof buildPartDefinition>;

/** Folder with the files of the runs that built, relative to the project's. */
const partsVariable = "SLIPWAY_PARTS";

/** `slipway:build:Part`: what another run has built, looked at before anything points to it. */
export const buildPartHandler = resourceHandler(buildPartDefinition, {
  refreshBeforeUpdate: false,

  refuse(context, { image, settings }) {
    const places = Object.entries(settings).flatMap(([setting, value]) =>
      typeof value === "object" ? Object.keys(value).map((key) => [setting, key]) : [[setting]],
    );
    const secret = places.filter((place) => context.isSecret(["settings", ...place]));
    if (secret.length === 0) return;
    throw new InputError(
      secret.map((place) => ({
        property: `settings.${place.join(".")}`,
        reason:
          `image ${image}: is a secret, which no file may tell another run, and everybody finds in the image: ` +
          `give it to the build by secrets (a valid example: secrets: { token: config.requireSecret("token") })`,
      })),
    );
  },

  async compute(context, declared, old) {
    if (declared.built !== undefined) return { digest: declared.built };
    // What was taken once and has not changed needs no file again.
    if (old !== undefined && isSameBuild(declared, old) && !isGone(context, declared))
      return { digest: old.digest };
    const given = await givenPart(context, declared);
    if (given === undefined) return { digest: undefined };
    const differences = buildDifferences(given.builtFrom, builtFrom(declared));
    if (differences.length > 0) {
      throw refused(
        `${nameOf(declared)} in ${given.file} was built from something else: ${differences.join("; ")}. ` +
          again(declared),
      );
    }
    return { digest: given.digest };
  },

  diff: (_context, desired, oldInputs) =>
    inputChanges(["digest", "version", "revision", "context", "bases", "settings"], desired, oldInputs),

  id: ({ repository, platform }) => `${repository}?part=${platform}`,

  async create(context, desired) {
    const { digest } = desired;
    if (digest === undefined) {
      const message = `${nameOf(desired)} is not built yet. ${again(desired)}`;
      if (!context.preview) throw new Error(message);
      context.say("warning", message);
      return { digest: unknown, size: unknown, builtFrom: builtFrom(desired) };
    }
    if (desired.built !== undefined) context.services.notePushed(desired.repository, digest);
    const found = await lookedUp(context, desired, digest);
    const { size } = found.manifest.descriptor;
    if (desired.built === undefined)
      requireDeclared(desired, digest, found, await givenPart(context, desired));
    return { digest, size, builtFrom: builtFrom(desired) };
  },
});

function isGone({ run }: ResourceContext, inputs: Inputs): boolean {
  return goneManifestsOf(run).has(manifestId(inputs));
}

function isSameBuild(declared: Inputs, old: Inputs): boolean {
  return declared.repository === old.repository && isDeepStrictEqual(builtFrom(declared), builtFrom(old));
}

/** What a build is made from, as files say it. */
function builtFrom({ version, revision, context, bases, settings }: Inputs): BuiltFrom {
  return {
    ...(version !== undefined && { version }),
    ...(revision !== undefined && { revision }),
    context,
    bases,
    settings: settingDigests(settings),
  };
}

/** The part that a file has for an image on a platform. @throws InputError for files that cannot be taken */
async function givenPart(
  { run, services }: ResourceContext,
  inputs: Inputs,
): Promise<(BuildPart & { file: string }) | undefined> {
  const folder = process.env[partsVariable];
  if (folder === undefined || folder === "") return undefined;
  try {
    const parts = await run.once("build parts", () => readParts(path.resolve(services.project, folder)));
    return parts.get(partKey(inputs));
  } catch (error) {
    if (!(error instanceof PartFileError)) throw error;
    throw refused(`${partsVariable}: ${error.message}`);
  }
}

async function lookedUp(context: ResourceContext, inputs: Inputs, digest: string): Promise<BaseImage> {
  const repository = await context.services.repository(inputs.repository);
  try {
    return await readBase(repository, digest, parsePlatform(inputs.platform));
  } catch (error) {
    if (isNotFound(error)) {
      throw new Error(
        `${inputs.repository} does not have ${digest}, which was built as ${nameOf(inputs)}. ${again(inputs)}`,
        { cause: error },
      );
    }
    if (!(error instanceof BaseImageError)) throw error;
    throw new Error(`${nameOf(inputs)}: ${error.message}. ${again(inputs)}`, { cause: error });
  }
}

/** @throws Error where the registry has something else under the digest than what was to be built */
function requireDeclared(
  inputs: Inputs,
  digest: string,
  { manifest, config }: BaseImage,
  given: BuildPart | undefined,
): void {
  const labels = config.file.config?.Labels ?? {};
  const wrong = Object.entries(inputs.settings.labels ?? {}).filter(
    ([name, value]) => labels[name] !== value,
  );
  const problems = [
    ...wrong.map(
      ([name, value]) => `its label ${name} is ${JSON.stringify(labels[name])}, not ${JSON.stringify(value)}`,
    ),
    ...(given?.digest === digest && given.size !== manifest.descriptor.size
      ? [`it has ${manifest.descriptor.size} bytes, not ${given.size}`]
      : []),
  ];
  if (problems.length === 0) return;
  throw new Error(
    `${inputs.repository}@${digest} is not ${nameOf(inputs)}, as it is declared: ${problems.join("; ")}. ${again(inputs)}`,
  );
}

function nameOf({ image, platform }: Pick<Inputs, "image" | "platform">): string {
  return `image ${image} for ${platform}`;
}

function again({ platform }: Pick<Inputs, "platform">): string {
  return (
    `Build it, on a machine for ${platform}: npx slipway build --platform ${platform} --output parts/FILE.json; ` +
    `then join the parts: ${partsVariable}=parts pulumi up`
  );
}

function refused(reason: string): InputError {
  return new InputError([{ property: "", reason }]);
}
