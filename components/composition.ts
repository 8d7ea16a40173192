import * as z from "zod";
import {
  checkMatrix,
  describeComponents,
  nextRow,
  sameComponents,
  VersionMatrixError,
  type BumpRules,
  type CompatibilityResult,
  type MatrixRow,
} from "../lib/release/version-matrix";
import { findingsOf } from "../resources/definitions/input-findings";
import { versionMatrixDefinition } from "../resources/definitions/version-matrix";
import { Changelog, Check, VersionMatrix, type CheckArgs } from "../resources";
import type { ArchivedFileDeclaration } from "./declaration/release-declaration";
import { DeclarationError } from "./declaration/declaration-error";
import type { DownloadDeclaration } from "./declaration/download-declaration";
import { renamedClass } from "./declaration/renamed-class";
import type { GateRule } from "./gates";
import { fillTemplate, versionValues } from "./declaration/templates";
import { refuseFormerNames } from "./declaration/former-names";
import { bareVersion, parseVersion } from "../lib/version/version";

/**
 * A component of a composed distribution. Texts can have `{version}`, `{tag}` and `{semver}`, of
 * the component.
 */
export interface ComponentDeclaration {
  /** Name in tables, notes and labels, e.g. `MLOS Core`. */
  title: string;
  /** Version that is taken; absent where one is planned only. */
  version?: string;
  /** Versions that go with the others, e.g. `>=1.5.0 <2.0.0`. Default: any. */
  compatible?: string;
  /** The parts of the component's image that an image takes. */
  image?: { reference: string; from: string; to?: string };
  /** Where its program is released. The tag is `{tag}` unless given. */
  release?: Omit<DownloadDeclaration, "tag"> & { tag?: string };
}

/** Arguments of {@link composition}. */
export interface CompositionArgs {
  /** Name of the distribution, for the table's title. */
  name: string;
  /** The components by the names of their programs, in the order of tables and notes. */
  components: Readonly<Record<string, ComponentDeclaration>>;
  /** Content of the record: which versions there are, and what was tested. */
  record: { versions: readonly object[]; tested?: readonly object[] };
  /** File of the record, which an update writes. Default: `versions.json`. */
  recordFile?: string;
  /** File of the table. Default: `VERSIONS.md`. */
  path?: string;
  /** Version of the distribution. Default: it follows from those of the components. */
  version?: string;
  /** Which part of the version is raised. */
  rules?: BumpRules;
  /** Start of the labels' names, e.g. `org.example`. */
  labelPrefix: string;
  /** The test of the combination, which has to pass before anything points to the images. */
  test?: (...published: Parameters<GateRule>) => CheckArgs;
}

const recordShape = versionMatrixDefinition.inputs.pick({ versions: true, tested: true });

/**
 * A distribution that is made of other projects' components: its version, and whatever says which
 * components are in it, follow from one entry for each. Without a declared version, a combination
 * that is in the record has its version there; another one raises the highest stable version.
 */
export interface Composition {
  /** Version of the distribution. */
  readonly version: string;
  /** Components in words, e.g. `Axon v1.5.0 + MLOS Core v1.0.0`. */
  readonly includes: string;
  /** A line for each component, e.g. `Axon: v1.5.0`. */
  readonly lines: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** For an image with a Dockerfile. */
  readonly copies: { image: string; from: string; to?: string }[];
  /** For a distribution: the components' programs. */
  readonly downloads: Record<string, DownloadDeclaration>;
  /** For an archive: the components' programs below `bin`. */
  readonly programs: ArchivedFileDeclaration[];
  /** The test of the combination, for a distribution's `gates`. */
  readonly gates: GateRule;
  /**
   * The table, the record and the change log, for `afterPublication`: they say what is published.
   */
  readonly afterPublication: GateRule;
}

/** @deprecated `new Composition(…)` is now called `composition(…)`. */
export const Composition = renamedClass<CompositionArgs>("Composition", "composition(…)");

/**
 * Returns what follows from the components of a distribution.
 *
 * @throws DeclarationError for a record that is none
 * @throws VersionMatrixError for a combination that nobody tests, and a version that has other
 * components
 */
export function composition(args: CompositionArgs): Composition {
  for (const [name, { image }] of Object.entries(args.components)) {
    refuseFormerNames(
      "composition",
      image ?? {},
      { path: "from", target: "to" },
      `components.${name}.image.`,
    );
  }
  const taken = entriesWithVersion(args.components);
  const candidate = Object.fromEntries(taken.map(([, { title, version }]) => [title, version]));
  const { versions, tested = [] } = recordOf(args);
  const row = rowOf(args, versions, candidate);
  const isTested = args.test !== undefined;
  const others = tested.filter(({ components }) => !isTested || !sameComponents(components, candidate));
  const assumed: CompatibilityResult[] = isTested ? [{ components: candidate, result: "passed" }] : [];
  const rows = withRow(versions, row);
  checkMatrix(rows, [...others, ...assumed]);

  const includes = describeComponents(candidate);
  const lines = taken.map(([, { title, version }]) => `${title}: ${version}`);
  const labels = {
    [`${args.labelPrefix}.components`]: includes,
    ...Object.fromEntries(
      taken.map(([name, { version }]) => [`${args.labelPrefix}.component.${name}`, version]),
    ),
  };
  const copies = taken.flatMap(([, { image, version }]) =>
    image === undefined
      ? []
      : [{ ...rest(image), image: fillTemplate(image.reference, versionValues(version)) }],
  );
  const downloads = Object.fromEntries(
    taken.flatMap(([name, { release, version }]) =>
      release === undefined
        ? []
        : [[name, { ...release, tag: fillTemplate(release.tag ?? "{tag}", versionValues(version)) }]],
    ),
  );
  const programs = Object.keys(downloads).map((name) => ({ path: `bin/${name}{exe}`, binary: name }));

  let check: Check | undefined;
  const gates: GateRule = (images, options, ...published) => {
    if (!args.test) return [];
    const declared = args.test(images, options, ...published);
    check = new Check("compatibility", { ...declared, triggers: [JSON.stringify(candidate)] }, options);
    return [check];
  };
  const afterPublication: GateRule = (_images, options) => [
    new VersionMatrix(
      "versions",
      {
        name: args.name,
        components: Object.values(args.components).map(({ title, compatible }) => ({
          name: title,
          compatible,
        })),
        versions: rows,
        tested: replaceTest(tested, candidate, check && { components: candidate, result: check.result }),
        record: args.recordFile ?? "versions.json",
        path: args.path,
      },
      options,
    ),
    new Changelog(
      "changelog",
      { version: row.version, changes: { changed: [`Includes ${includes}`] } },
      options,
    ),
  ];
  return {
    version: row.version,
    includes,
    lines,
    labels,
    copies,
    downloads,
    programs,
    gates,
    afterPublication,
  };
}

type TakenComponent = ComponentDeclaration & { version: string };

function entriesWithVersion(
  components: Readonly<Record<string, ComponentDeclaration>>,
): [name: string, component: TakenComponent][] {
  return Object.entries(components).flatMap(([name, component]): [string, TakenComponent][] =>
    component.version === undefined ? [] : [[name, { ...component, version: component.version }]],
  );
}

function recordOf({
  name,
  record,
  recordFile = "versions.json",
}: CompositionArgs): z.infer<typeof recordShape> {
  const result = recordShape.safeParse(record);
  if (result.success) return result.data;
  throw new DeclarationError(
    `${recordFile} of ${JSON.stringify(name)}`,
    findingsOf(recordShape, result.error, record),
  );
}

/** The row that is released: of the declared version, or of the one that follows. */
function rowOf(
  { version, components, rules }: CompositionArgs,
  rows: readonly MatrixRow[],
  candidate: Readonly<Record<string, string>>,
): MatrixRow {
  const stable = rows.filter((row) => !isPrerelease(row.version));
  const ranges = Object.fromEntries(
    Object.values(components).flatMap(({ title, compatible }) =>
      compatible === undefined || candidate[title] === undefined ? [] : [[title, compatible]],
    ),
  );
  const released = version ?? nextRow(stable, candidate, [], { ranges, rules }).version;
  const declared = rows.find((row) => bareVersion(row.version) === bareVersion(released));
  if (declared && !sameComponents(declared.components, candidate)) {
    throw new VersionMatrixError(
      `${released} is ${describeComponents(declared.components)}, but ${describeComponents(candidate)} is declared: ` +
        `declare another version, or omit it to derive it from the components`,
    );
  }
  return { version: released, components: candidate, status: isPrerelease(released) ? "Testing" : "Stable" };
}

function withRow(rows: readonly MatrixRow[], row: MatrixRow): MatrixRow[] {
  const isThere = rows.some(({ version }) => bareVersion(version) === bareVersion(row.version));
  return isThere
    ? rows.map((other) => (bareVersion(other.version) === bareVersion(row.version) ? row : other))
    : [...rows, row];
}

/** The results with that of this run, in the place of an earlier one of the same combination. */
function replaceTest<T, U>(
  tested: readonly (T & Pick<CompatibilityResult, "components">)[],
  candidate: Readonly<Record<string, string>>,
  result: U | undefined,
): (T | U)[] {
  if (result === undefined) return [...tested];
  const index = tested.findIndex(({ components }) => sameComponents(components, candidate));
  return index < 0 ? [...tested, result] : tested.map((earlier, at) => (at === index ? result : earlier));
}

function rest({ reference: _reference, ...image }: NonNullable<ComponentDeclaration["image"]>) {
  return image;
}

function isPrerelease(version: string): boolean {
  return parseVersion(version)?.stable === false;
}
