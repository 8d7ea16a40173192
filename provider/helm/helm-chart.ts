import * as path from "node:path";
import { chartArtifact, type ChartArtifact } from "../../lib/channels/helm/artifact";
import { chartFor, type Chart, type ChartSettings } from "../../lib/channels/helm/chart";
import { readChartFolder } from "../../lib/channels/helm/folder";
import { putBytes } from "../../lib/oci/attach";
import { digestOf } from "../../lib/oci/digest";
import { helmChartDefinition } from "../../resources/definitions/helm-chart";
import { hasUnknown } from "../base/unknown";
import { asInputError } from "../linux/placed-package";
import type { ResourceContext } from "../run/context";
import { manifestDrift, putBack } from "../run/drift-sentences";
import { inputChanges } from "../run/replacement";
import type { DeclaredOf, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { ofRun } from "../run/run";
import { Readable } from "node:stream";

type Inputs = InputsOf<typeof helmChartDefinition>;
type Declared = DeclaredOf<typeof helmChartDefinition>;
type State = StateOf<typeof helmChartDefinition>;

/** Charts that this run has found gone, by repository and digest. */
const goneOf = ofRun(() => new Set<string>());

/** `slipway:helm:Chart`: packed in memory, pushed by digest; its tags are other resources. */
export const helmChartHandler = resourceHandler(helmChartDefinition, {
  refreshBeforeUpdate: true,

  async refuse(context, declared) {
    if (hasUnknown(declared.directory) || hasUnknown(declared.repository)) return;
    await packed(context, withStandIns(declared));
  },

  async compute(context, declared) {
    const { chart, artifact } = await packed(context, declared);
    const blobs = [artifact.config, artifact.archive].map(({ descriptor, bytes }) => ({
      descriptor,
      source: (offset: number) => Readable.from([bytes.subarray(offset)]),
    }));
    context.services.lost.publishes(declared.repository, blobs);
    const files = Object.fromEntries([...chart.files].map(([file, bytes]) => [file, digestOf(bytes)]));
    return { digest: artifact.manifest.descriptor.digest, files };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    const fields = ["version", "appVersion", "values", "images", "files"] as const;
    return { ...inputChanges(fields, desired, oldInputs), digest: { kind: "update" } };
  },

  id: ({ repository }) => repository,

  async create(context, desired) {
    const { artifact } = await packed(context, desired);
    if (!context.preview) await push(context, desired, artifact);
    const { manifest, archive } = artifact;
    const { digest, mediaType, size } = manifest.descriptor;
    return {
      digest,
      mediaType,
      size,
      archiveDigest: archive.descriptor.digest,
      reference: `${desired.repository}@${digest}`,
    } satisfies Partial<State>;
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    if (await repository.headManifest(state.digest)) return { state };
    goneOf(context.run).add(`${inputs.repository}@${state.digest}`);
    context.say("warning", putBack(manifestDrift(inputs.repository, state.digest)));
    return undefined;
  },

  delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
});

/** Content first, the manifest last: whoever finds the manifest finds all of the chart. */
async function push(
  context: ResourceContext,
  { repository: name }: Inputs,
  { manifest, config, archive }: ChartArtifact,
): Promise<void> {
  const repository = await context.services.repository(name);
  const { digest } = manifest.descriptor;
  context.services.remember(manifest);
  if (await repository.headManifest(digest)) return;
  const wasThere = goneOf(context.run).has(`${name}@${digest}`);
  // What is put back has been proven already.
  if (!wasThere) await context.services.preflight.pass();
  for (const { bytes, descriptor } of [config, archive]) {
    await putBytes(repository, bytes, descriptor.mediaType, { signal: context.signal });
  }
  await context.services.pushNew(repository, manifest, wasThere);
}

/** @throws InputError for what Helm would refuse, and for values that are not there */
async function packed(
  { services }: ResourceContext,
  declared: Declared,
): Promise<{ chart: Chart; artifact: ChartArtifact }> {
  const { repository, directory, version, appVersion, values = {}, images = {} } = declared;
  const settings: ChartSettings = {
    name: repository.slice(repository.lastIndexOf("/") + 1),
    version,
    appVersion,
    values,
    images,
  };
  try {
    const files = await readChartFolder(path.resolve(services.project, directory), directory);
    const chart = chartFor(files, settings);
    return { chart, artifact: await chartArtifact(chart) };
  } catch (error) {
    throw asInputError(error);
  }
}

const standInDigest = digestOf("");

/** What is not known yet, in a form that can be checked: a chart is refused before images are built. */
function withStandIns(declared: Declared): Declared {
  const { version, appVersion, values = {}, images = {} } = declared;
  const known = <T>(value: T, otherwise: T): T => (hasUnknown(value) ? otherwise : value);
  return {
    ...declared,
    version: known(version, "0.0.0"),
    appVersion: known(appVersion, undefined),
    values: known(values, {}),
    images: hasUnknown(images)
      ? Object.fromEntries(
          Object.entries(images).map(([name, image]) => [
            name,
            {
              repository: known(image.repository, "localhost/image"),
              digest: known(image.digest, standInDigest),
              tag: known(image.tag, undefined),
            },
          ]),
        )
      : images,
  };
}
