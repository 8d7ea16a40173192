import * as path from "node:path";
import {
  addedByOthers,
  addToRepository,
  isDue,
  leftFiles,
  missingPackages,
  type AptRepository,
  type RepositoryRecord,
} from "../../lib/channels/apt/repository";
import { packageStanza } from "../../lib/channels/apt/stanza";
import { SuiteError, suiteFolder } from "../../lib/channels/apt/suite";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { digestOf } from "../../lib/oci/digest";
import { aptRepositoryDefinition } from "../../resources/definitions/apt-repository";
import { InputError } from "../../resources/definitions/input-findings";
import { entryPath } from "../base/property-path";
import { folderRepository, type RepositoryFormat } from "../linux/folder-repository";
import { keyOf, refuseClearKey } from "../linux/repository-key";
import { placedDigest } from "../run/placed-files";
import type { DeclaredOf, InputsOf, OutputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof aptRepositoryDefinition>;
type Declared = DeclaredOf<typeof aptRepositoryDefinition>;
type Served = Pick<OutputsOf<typeof aptRepositoryDefinition>, "served" | "files" | "superseded">;

const dayMs = 86_400_000;
const defaultKeepDays = 7;
const defaultComponent = "main";

/** A repository of APT, as a folder. */
const format: RepositoryFormat<Inputs, RepositoryRecord, SigningKey, Served> = {
  compared: ["directory", "suites"],
  described: [
    ...["component", "origin", "label", "description", "url", "validDays", "keepDays", "name"],
    ...["fingerprint", "formerFingerprint"],
  ] as const,
  nothing: { suites: {}, files: {}, superseded: {} },
  refusals: [SuiteError],
  left: ({ served, files, superseded }) => ({ suites: served, files, superseded }),
  served: ({ suites, files, superseded }) => ({
    served: { ...suites },
    files: { ...files },
    superseded: { ...superseded },
  }),
  files: leftFiles,
  ownFiles: ({ files }) => files,
  missing: (folder, { suites }) => missingPackages(folder, suites),
  key: keyOf,

  async others({ services }, folder, inputs, left) {
    const isOther = await Promise.all(
      Object.entries(left.suites).map(async ([suite, { files }]) => {
        const file = `${suiteFolder(suite)}/InRelease`;
        const found = await placedDigest(services, path.posix.join(inputs.directory, file));
        return found !== undefined && found !== files[file];
      }),
    );
    if (!isOther.includes(true)) return undefined;
    return addedByOthers(folder, repositoryOf(inputs), await keyOf(inputs), left);
  },

  change: ({ services }, folder, desired, key, left) =>
    addToRepository(
      folder,
      repositoryOf(desired),
      desired.packages.map((one) => ({
        stanza: packageStanza(one.control, { ...one, component: componentOf(desired) }),
        file: path.resolve(services.project, one.path),
      })),
      key,
      left,
      new Date(),
    ),

  /** Suites whose time runs out. */
  due({ validDays }, { served }) {
    const validMs = validDays === undefined ? undefined : validDays * dayMs;
    return Object.entries(served).flatMap(([suite, { date, validUntil }]) => {
      const dates = {
        date: new Date(date),
        ...(validUntil !== undefined && { validUntil: new Date(validUntil) }),
      };
      return isDue(dates, validMs, new Date()) ? [`${entryPath("served", suite)}.validUntil`] : [];
    });
  },
};

/** `slipway:apt:Repository`: packages first, then indexes by digest, then what names them. */
export const aptRepositoryHandler = resourceHandler(aptRepositoryDefinition, {
  ...folderRepository(format),

  refuse: (context, declared) => refuseClearKey(context, declared, "apt"),

  async compute(_context, declared) {
    const { fingerprint, former } = await keyOf(declared);
    const stanzas = stanzasOf(declared);
    const fingerprints = [fingerprint, ...(former === undefined ? [] : [former.fingerprint])];
    return {
      fingerprint,
      formerFingerprint: former?.fingerprint,
      pool: Object.fromEntries(stanzas.map(({ filename, digest }) => [filename, digest])),
      declaration: digestOf(JSON.stringify([{ ...repositoryOf(declared), suites: [] }, ...fingerprints])),
    };
  },
});

function stanzasOf(declared: Declared) {
  const stanzas = declared.packages.map((one) =>
    packageStanza(one.control, { ...one, component: componentOf(declared) }),
  );
  for (const [index, { filename }] of stanzas.entries()) {
    if (stanzas.findIndex((other) => other.filename === filename) === index) continue;
    throw new InputError([
      {
        property: `packages[${index}]`,
        reason: `${filename} is listed twice: two platforms of one architecture of Debian, or one package twice`,
      },
    ]);
  }
  return stanzas;
}

function componentOf({ component = defaultComponent }: Pick<Inputs, "component">): string {
  return component;
}

function repositoryOf(declared: Declared): AptRepository {
  const {
    name,
    suites,
    origin,
    label = origin,
    description,
    url,
    validDays,
    keepDays = defaultKeepDays,
  } = declared;
  return {
    name,
    suites,
    component: componentOf(declared),
    origin,
    label,
    ...(description !== undefined && { description }),
    ...(url !== undefined && { url }),
    ...(validDays !== undefined && { validMs: validDays * dayMs }),
    keepMs: keepDays * dayMs,
    takeOver: declared.takeOver ?? false,
  };
}
