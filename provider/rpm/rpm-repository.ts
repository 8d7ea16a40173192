import * as path from "node:path";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { listedRpm, RepodataError, type RpmListed } from "../../lib/channels/rpm/repodata";
import {
  addToRpmRepository,
  leftRpmFiles,
  missingRpms,
  noRpmRecord,
  repomdPath,
  RpmRepositoryError,
  rpmsOfOthers,
  type RpmRecord,
  type RpmRepository,
} from "../../lib/channels/rpm/repository";
import { digestOf } from "../../lib/oci/digest";
import { InputError } from "../../resources/definitions/input-findings";
import { rpmRepositoryDefinition } from "../../resources/definitions/rpm-repository";
import { folderRepository, type RepositoryFormat } from "../linux/folder-repository";
import { packageKeyOf, refuseClearKey } from "../linux/repository-key";
import { placedDigest } from "../run/placed-files";
import type { DeclaredOf, InputsOf, OutputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof rpmRepositoryDefinition>;
type Declared = DeclaredOf<typeof rpmRepositoryDefinition>;
type Served = Pick<OutputsOf<typeof rpmRepositoryDefinition>, "served" | "files" | "superseded">;

const dayMs = 86_400_000;
const defaultKeepDays = 7;

/** A repository of rpm, as a folder. */
const format: RepositoryFormat<Inputs, RpmRecord, SigningKey, Served> = {
  compared: ["directory", "held"],
  described: ["label", "url", "keepDays", "name", "fingerprint", "formerFingerprint"],
  nothing: noRpmRecord,
  refusals: [RpmRepositoryError, RepodataError],
  left: ({ served, files, superseded }) => ({ ...served, files, superseded }),
  served: ({ files, superseded, lists, ...served }) => ({
    served: { ...served, lists: { ...lists } },
    files: { ...files },
    superseded: { ...superseded },
  }),
  files: leftRpmFiles,
  ownFiles: ({ files }) => files,
  missing: missingRpms,
  key: packageKeyOf,

  async others({ services }, folder, inputs, left) {
    const found = await placedDigest(services, path.posix.join(inputs.directory, repomdPath));
    if (found === undefined || found === left.lists[repomdPath]) return undefined;
    return rpmsOfOthers(folder, await packageKeyOf(inputs), left);
  },

  async change({ services }, folder, desired, key, left) {
    const packages = desired.held === undefined ? desired.packages : [];
    const added = packages.map((one) => ({
      listed: listedRpm(one.lists),
      file: path.resolve(services.project, one.path),
    }));
    const change = await addToRpmRepository(folder, repositoryOf(desired), added, key, left, new Date());
    // One without packages is none that anybody has asked for.
    return change.record.packages === 0 ? undefined : change;
  },
};

/** `slipway:rpm:Repository`: packages first, then lists, then what names them. */
export const rpmRepositoryHandler = resourceHandler(rpmRepositoryDefinition, {
  ...folderRepository(format),

  refuse: (context, declared) => refuseClearKey(context, declared, "rpm"),

  async compute(_context, declared) {
    const { fingerprint, former, formerSigns } = await packageKeyOf(declared);
    const added = declared.held === undefined ? listedOf(declared) : [];
    const keys = former === undefined ? [] : [former.fingerprint, formerSigns];
    return {
      fingerprint,
      ...(formerSigns && { formerFingerprint: former?.fingerprint }),
      pool: Object.fromEntries(added.map(({ file, digest }) => [file, digest])),
      declaration: digestOf(JSON.stringify([repositoryOf(declared), fingerprint, ...keys])),
    };
  },
});

/** The packages, checked against each other. @throws InputError */
function listedOf({ packages }: Declared): RpmListed[] {
  const found: RpmListed[] = [];
  for (const [index, { lists, digest }] of packages.entries()) {
    const listed = inInputs(`packages[${index}].lists`, () => listedRpm(lists));
    const refuse = (reason: string) => {
      throw new InputError([{ property: `packages[${index}]`, reason }]);
    };
    if (listed.digest !== digest) refuse(`its lists are of ${listed.digest}, and it is ${digest}`);
    if (found.some(({ file }) => file === listed.file))
      refuse(
        `${listed.file} is listed twice: two platforms of one architecture of rpm, or one package twice`,
      );
    found.push(listed);
  }
  return found;
}

function inInputs<T>(property: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RepodataError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}

function repositoryOf({
  name,
  label,
  url,
  keepDays = defaultKeepDays,
  takeOver = false,
}: Declared): RpmRepository {
  return { name, label, ...(url !== undefined && { url }), keepMs: keepDays * dayMs, takeOver };
}
