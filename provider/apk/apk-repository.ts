import * as path from "node:path";
import { ApkIndexError, parseEntry, type ApkEntry } from "../../lib/channels/apk/index-entry";
import { indexSigners, type ApkSigner } from "../../lib/channels/apk/package";
import {
  addToApkRepository,
  ApkRepositoryError,
  apksOfOthers,
  leftApkFiles,
  missingApks,
  noApkRecord,
  type ApkRecord,
  type ApkRepository,
} from "../../lib/channels/apk/repository";
import { digestOf } from "../../lib/oci/digest";
import { apkRepositoryDefinition } from "../../resources/definitions/apk-repository";
import { InputError } from "../../resources/definitions/input-findings";
import { folderRepository, type RepositoryFormat } from "../linux/folder-repository";
import { refuseClearKey } from "../linux/repository-key";
import type { DeclaredOf, InputsOf, OutputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { signerOf } from "./signer";

type Inputs = InputsOf<typeof apkRepositoryDefinition>;
type Declared = DeclaredOf<typeof apkRepositoryDefinition>;
type Served = Pick<OutputsOf<typeof apkRepositoryDefinition>, "served" | "files">;

/** Who signs, with the public keys where the outputs have them. */
interface Key extends ApkSigner {
  readonly publicKeys: string;
}

/** A repository of Alpine, as a folder. */
const format: RepositoryFormat<Inputs, ApkRecord, Key, Served> = {
  compared: ["directory", "held"],
  described: ["label", "keyName", "fingerprint", "formerFingerprint"],
  nothing: noApkRecord,
  refusals: [ApkRepositoryError, ApkIndexError],
  left: ({ served, files }) => ({ architectures: served, files }),
  served: ({ architectures, files }) => ({ served: { ...architectures }, files: { ...files } }),
  files: leftApkFiles,
  ownFiles: ({ files }) => files,
  missing: (folder, left, inputs) => missingApks(folder, left, signerOf(inputs)),
  key: (declared) => Promise.resolve(keyOf(declared)),
  others: (_context, folder, inputs, left) => apksOfOthers(folder, signerOf(inputs), left),

  async change({ services }, folder, desired, key, left) {
    const packages = desired.held === undefined ? desired.packages : [];
    const added = packages.map((one) => ({
      entry: parseEntry(one.index),
      digest: one.digest,
      file: path.resolve(services.project, one.path),
    }));
    const change = await addToApkRepository(folder, repositoryOf(desired), added, key, left);
    // One without packages is none that anybody has asked for.
    return Object.keys(change.record.architectures).length === 0 ? undefined : change;
  },
};

/** `slipway:apk:Repository`: packages first, then what names them. */
export const apkRepositoryHandler = resourceHandler(apkRepositoryDefinition, {
  ...folderRepository(format),

  refuse: (context, declared) => refuseClearKey(context, declared, "alpine"),

  compute(_context, declared) {
    const { key, keyName, former } = signerOf(declared);
    const added = declared.held === undefined ? entriesOf(declared) : [];
    const before = former === undefined ? [] : [former.keyName, former.key.fingerprint];
    return {
      fingerprint: key.fingerprint,
      formerFingerprint: former?.key.fingerprint,
      pool: Object.fromEntries(
        added.map(({ file }, index) => [file, declared.packages[index]?.digest ?? ""]),
      ),
      declaration: digestOf(JSON.stringify([repositoryOf(declared), keyName, key.fingerprint, ...before])),
    };
  },
});

function keyOf(declared: Inputs): Key {
  const signer = signerOf(declared);
  const publicKeys = indexSigners(signer).map(({ key }) => key.publicKey);
  return { ...signer, publicKeys: publicKeys.join("") };
}

/** The packages, checked against each other. @throws InputError */
function entriesOf({ packages }: Declared): ApkEntry[] {
  const found: ApkEntry[] = [];
  for (const [index, { index: text }] of packages.entries()) {
    const entry = inInputs(`packages[${index}].index`, () => parseEntry(text));
    if (found.some(({ file }) => file === entry.file)) {
      throw new InputError([
        {
          property: `packages[${index}]`,
          reason: `${entry.file} is listed twice: two platforms of one architecture of Alpine, or one package twice`,
        },
      ]);
    }
    found.push(entry);
  }
  return found;
}

function inInputs<T>(property: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApkIndexError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}

function repositoryOf({ label, takeOver = false }: Declared): ApkRepository {
  return { label, takeOver };
}
