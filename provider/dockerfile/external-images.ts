import { formatReference, parseReference } from "../../lib/oci/reference";
import { externalImagesDefinition } from "../../resources/definitions/external-images";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import { currentDigest } from "./base-images";
import type { ResourceContext } from "../run/context";
import { entryChanges } from "../run/entry-changes";
import { lockKey, readLock, sayPending } from "./locked-images";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown } from "../base/unknown";

type Inputs = InputsOf<typeof externalImagesDefinition>;

/**
 * `slipway:oci:ExternalImages`: resolved at `check`, so that one that is missing stops a preview.
 */
export const externalImagesHandler = resourceHandler(externalImagesDefinition, {
  // What it observes is looked at by every check.
  refreshBeforeUpdate: false,

  compute(context, declared, oldInputs) {
    const known = oldInputs === undefined || hasUnknown(oldInputs) ? {} : knownDigests(oldInputs);
    return resolve(context, declared, known);
  },

  computedLater: () => ({ pending: undefined }),

  diff(_context, desired, oldInputs) {
    return {
      ...entryChanges("images", desired.images, oldInputs.images),
      ...entryChanges("digests", desired.digests, oldInputs.digests),
      ...entryChanges("pending", desired.pending, oldInputs.pending),
    };
  },

  id: ({ images }) => Object.keys(images).sort().join(","),

  create(_context, { digests = {}, images }) {
    const references = Object.entries(images).map(([name, reference]): [string, string] => {
      const { digest: _digest, ...named } = parseReference(reference);
      return [name, `${formatReference(named)}@${digests[name]}`];
    });
    return { digests, references: Object.fromEntries(references) };
  },
});

async function resolve(
  context: ResourceContext,
  { images, lock }: Pick<Inputs, "images" | "lock">,
  known: Readonly<Record<string, string>>,
): Promise<Pick<Inputs, "digests" | "pending">> {
  const locked = await readLock(context.services.project, lock);
  const findings: Finding[] = [];
  const digests: Record<string, string> = {};
  const pending: Record<string, string> = {};
  const find = async ([name, reference]: [string, string]) => {
    const key = lockKey(reference);
    const kept = locked[key];
    const now = await currentDigest(context, parseReference(reference)).catch((error: unknown) => {
      const reason = (error as Error).message;
      const before = kept ?? known[key];
      if (before === undefined) findings.push({ property: `images.${name}`, reason: `${key}: ${reason}` });
      else context.say("warning", `${key} could not be resolved, and stays at ${before}: ${reason}`);
      return before;
    });
    if (now === undefined) return;
    digests[name] = kept ?? now;
    if (lock === undefined || kept === undefined || kept === now) return;
    pending[key] = now;
    context.say("warning", sayPending(lock, key, kept, now));
  };
  await Promise.all(Object.entries(images).map(find));
  if (findings.length > 0) throw new InputError(findings);
  return { digests, pending: Object.keys(pending).length > 0 ? pending : undefined };
}

/**
 * Digests of an earlier run, by reference; for a new resource the engine gives inputs without any
 * field.
 */
function knownDigests({ images = {}, digests = {} }: Partial<Inputs>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(images).flatMap(([name, reference]) => {
      const digest = digests[name];
      return digest === undefined ? [] : [[lockKey(reference), digest]];
    }),
  );
}
