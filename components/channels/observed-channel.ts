import * as z from "zod";
import { catalogNames, catalogs, type KnownCatalog } from "../../lib/channels/observed/catalogs";
import { checkProbeUrl } from "../../lib/channels/observed/probe";
import { expectations } from "../../lib/channels/observed/verdict";
import { defined } from "../../lib/objects/defined";
import { type ListedCatalog, ObservedCatalog } from "../../resources";
import { checked } from "../../resources/definitions/definition";
import { lag, probe } from "../../resources/definitions/observed-catalog";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";

/** Arguments of {@link observedChannel}: `catalog` and `package`, or a probe of your own. */
export interface ObservedChannelTargetArgs {
  /** Catalog that is known. */
  catalog?: z.infer<typeof catalogName>;
  /** Name of the package there. */
  package?: string;
  /** Part of the catalog: suite of Debian, branch of nixpkgs, repository as Repology names it. Default: its unstable one. */
  part?: string;
  /** Another host with the same answers, such as a mirror. Default: the catalog's own. */
  host?: string;
  /** Where another catalog says which version it has. */
  probe?: z.infer<typeof probe>;
  /** Name, for resource names and messages. Default: catalog and package. */
  name?: string;
  /**
   * `live`: it follows each release; `pending`: it is not listed yet; `deprecated`: it stays as it is. Default:
   * `live`.
   */
  expect?: z.infer<typeof expectation>;
  /** For how long after a release it may have an earlier version. Default: `7d`. */
  grace?: string;
}

const catalogName = z.enum(catalogNames);
const expectation = z.enum(expectations);

const word = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+-]*$/, "letters, digits and ._+- are expected")
  .meta({ examples: ["hello"] });

const observedArguments = z
  .strictObject({
    catalog: catalogName.optional(),
    package: word.optional(),
    part: word.optional(),
    host: checked(checkProbeUrl)
      .meta({ examples: ["https://mirror.acme.example"] })
      .optional(),
    probe: probe.optional(),
    name: z
      .string()
      .regex(/^[^\p{Cc}]+$/u, "one line is expected")
      .meta({ examples: ["Acme Store"] })
      .optional(),
    expect: expectation.optional(),
    grace: lag.meta({ examples: ["7d"] }).optional(),
  })
  .refine(
    ({ catalog, package: name, probe: own }) =>
      own === undefined ? catalog !== undefined && name !== undefined : catalog === undefined,
    'catalog and package are expected, or probe (a valid example: catalog: "homebrew-core", package: "hello")',
  )
  .refine(
    ({ probe: own, name, package: named, part, host }) =>
      own === undefined || (name !== undefined && [named, part, host].every((one) => one === undefined)),
    'a probe of your own has a name, and neither package, part nor host (a valid example: name: "Acme Store")',
  );

/** A channel that others fill, which is looked at and never written to. */
export interface ObservedTarget extends ChannelTarget {
  readonly observed: true;
}

/**
 * A catalog that others fill, such as homebrew-core: `slipway status` says whether users of it get the release.
 *
 * @example
 *   channels: [observedChannel({ catalog: "homebrew-core", package: "hello", grace: "7d" })]
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function observedChannel(args: ObservedChannelTargetArgs): ObservedTarget {
  checkArguments("observedChannel()", observedArguments, args);
  const { expect, grace } = args;
  const asked = probeOf(args);
  const name = args.name ?? [args.catalog, args.part, args.package].filter(Boolean).join(" ");
  return {
    kind: "observed catalog",
    name,
    observed: true,
    catalog: defined({ name, probe: asked, expect, grace }),
    create: ({ version }, options) =>
      new ObservedCatalog(name, { catalog: name, probe: asked, version, expect, grace }, options),
  };
}

function probeOf({
  catalog,
  package: name = "",
  part,
  host,
  probe: own,
}: ObservedChannelTargetArgs): ListedCatalog["probe"] {
  if (own !== undefined) return own;
  const known: KnownCatalog = catalogs[catalog ?? "repology"];
  return known.probe((host ?? known.host).replace(/\/+$/, ""), name, part ?? known.part ?? "");
}
