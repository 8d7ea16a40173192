import * as path from "node:path";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { imageLockDefinition } from "../../resources/definitions/image-lock";
import { hasUnknown } from "../base/unknown";
import { formatLock, readLockFile } from "./locked-images";
import { placedDigest } from "../run/placed-files";
import { entryChanges } from "../run/entry-changes";
import { inputChanges } from "../run/replacement";
import type { InputsOf } from "../run/resource";
import { pathsAt } from "../run/written-files";
import { resourceHandler } from "../run/resource-handler";
import { dayOf } from "../../lib/text/day";

/**
 * `slipway:build:ImageLock`: written by an update only, when the images that were built from it are
 * there.
 */
export const imageLockHandler = resourceHandler(imageLockDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "file"),

  async compute({ services }, { file, images, refresh }, oldInputs) {
    const refreshed = await refreshedDay(services.project, { file, refresh }, oldInputs);
    return { refreshed, digest: digestOf(formatLock(images, refreshed)) };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return {
      ...entryChanges("images", desired.images, oldInputs.images),
      ...inputChanges(["refreshed"], desired, oldInputs),
      digest: { kind: "update" },
    };
  },

  id: ({ file }) => file,

  async create(context, desired) {
    const text = formatLock(desired.images, desired.refreshed);
    const digest = digestOf(text);
    if (!context.preview && (await placedDigest(context.services, desired.file)) !== digest) {
      await writeFileAtomically(path.resolve(context.services.project, desired.file), text);
    }
    return { digest };
  },

  async observe(context, inputs, state) {
    const digest = await placedDigest(context.services, inputs.file);
    return digest === undefined ? undefined : { state: { ...state, digest } };
  },

  delete(context, _id, inputs) {
    context.say("info", `${inputs.file} stays on this machine: it was removed from the program only`);
  },
});

type Inputs = InputsOf<typeof imageLockDefinition>;

/**
 * Day on which all digests of a lock are, or were, those of the registries: today where they are taken now, or else what
 * the file says, which is made from the state where somebody has lost it.
 */
async function refreshedDay(
  project: string,
  { file, refresh }: Pick<Inputs, "file" | "refresh">,
  oldInputs: Partial<Inputs> | undefined,
): Promise<string | undefined> {
  const today = dayOf(new Date());
  if (refresh === true) return today;
  const lock = await readLockFile(project, file);
  if (lock !== undefined) return lock.refreshed;
  // A new resource has inputs without any field.
  if (oldInputs?.file !== file) return today;
  return hasUnknown(oldInputs.refreshed) ? undefined : oldInputs.refreshed;
}
