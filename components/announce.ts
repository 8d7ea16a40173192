import * as pulumi from "@pulumi/pulumi";
import { announceToken } from "../resources/definitions/announce-token";
import { channelsOf } from "./declaration/channel-findings";
import type { DistributionDeclaration } from "./declaration/declaration";
import { placesOf } from "./declaration/image-places";
import { publishes } from "./declaration/mode";
import { isRegistry } from "./declaration/registry";

/** Resources that the first content goes out with. */
const first: ReadonlySet<string> = new Set(["slipway:oci:Image", "slipway:build:Context"]);

/**
 * Options of a distribution whose first content waits until the provider knows what all of it will
 * need: the engine asks it about later resources only when earlier ones are published. A preview
 * publishes nothing.
 */
export function announcing(
  args: DistributionDeclaration,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  const needs = needsOf(args);
  if (pulumi.runtime.isDryRun() || needs === undefined) return options;
  let announced: Promise<pulumi.Resource[]> | undefined;
  return pulumi.mergeOptions(options, {
    transformations: [
      ({ type, props, opts, resource }) => {
        if (!first.has(type)) return undefined;
        announced ??= announce(needs, { parent: opts.parent ?? resource });
        return { props, opts: pulumi.mergeOptions(opts, { dependsOn: announced }) };
      },
    ],
  });
}

async function announce(needs: pulumi.Inputs, options: pulumi.InvokeOptions): Promise<pulumi.Resource[]> {
  await pulumi.runtime.invoke(announceToken, needs, options);
  return [];
}

/** What an update needs; undefined where that is nothing. */
function needsOf(args: DistributionDeclaration): pulumi.Inputs | undefined {
  const { trust, registries, images } = args;
  // What is split was built by other runs.
  const builds =
    args.split !== true && Object.values(images).some(({ dockerfile }) => dockerfile !== undefined);
  if (!publishes(args)) return builds ? { builds } : undefined;
  if (Object.keys(images).length === 0) return undefined;
  const places = Object.entries(images).map(([name, { repository = name, alsoRepositories = [] }]) =>
    placesOf(repository, alsoRepositories, registries).filter(({ target }) => isRegistry(target)),
  );
  return {
    builds,
    repositories: places.flatMap(([own]) => own?.repository ?? []),
    mirrors: places.flatMap(([, ...mirrors]) => mirrors.map(({ repository }) => repository)),
    missing: channelsOf(args).channels.flatMap((channel) => channel.missing?.() ?? []),
    signer: trust?.sign?.signer,
    scan: trust?.scan && !trust.scan.advisory ? scannerOf(trust.scan) : undefined,
  };
}

type ScanDeclaration = NonNullable<NonNullable<DistributionDeclaration["trust"]>["scan"]>;

function scannerOf({ scanner, kinds, databaseMaxAgeHours }: ScanDeclaration): Partial<ScanDeclaration> {
  return { scanner, kinds, databaseMaxAgeHours };
}
