import * as path from "node:path";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { imageLockDefinition } from "../../resources/definitions/image-lock";
import { formatLock } from "./locked-images";
import { placedDigest } from "../run/placed-files";
import { entryChanges } from "../run/entry-changes";
import { pathsAt } from "../run/written-files";
import { resourceHandler } from "../run/resource-handler";

/**
 * `slipway:build:ImageLock`: written by an update only, when the images that were built from it are
 * there.
 */
export const imageLockHandler = resourceHandler(imageLockDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "file"),

  compute: (_context, { images }) => ({ digest: digestOf(formatLock(images)) }),

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return { ...entryChanges("images", desired.images, oldInputs.images), digest: { kind: "update" } };
  },

  id: ({ file }) => file,

  async create(context, desired) {
    const text = formatLock(desired.images);
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
