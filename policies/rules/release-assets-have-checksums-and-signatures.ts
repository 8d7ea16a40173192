import type { Acceptance, EvidenceItem } from "../evidence/acceptance";
import { signerAcceptance } from "../evidence/trusted-signers";
import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { matchesAny } from "../reading/pattern";
import { asList, asRecord, asText, asTexts } from "../reading/values";

const gitHubType = "slipway:github:Release";

/**
 * Names under which tools look for the bundle of a file. It only tells whose bundle a file may be.
 */
const bundleName = /\.(sigstore\.json|sigstore|bundle)$/i;

/** `github:index/release:Release` has no assets to look at. */
export const releaseAssetsHaveChecksumsAndSignatures: Rule = {
  name: "release-assets-have-checksums-and-signatures",
  description:
    "Checks that every asset of a release is in a sums file with its digest, and that a " +
    "signature of it or of that sums file was verified; a signature beside an asset must be " +
    "the very file that was verified.",
  remedy:
    "Add a sums file over the asset (slipway:build:Checksums) to the release, sign it or each " +
    "asset with slipway:trust:FileSignature, and pass its `evidence` to the release. What " +
    "another program signs (`SHA256SUMS.asc`) is an asset like others, or among the " +
    "`allowedExceptions`.",
  distributionRemedy:
    "Declare a signer in the distribution, `trust: { sign: cosignKey() }`: it signs the sums of the release, which cover every asset.",
  level: "mandatory",
  severity: "high",
  looksAt: ["asset", "assets"],
  types: [gitHubType, "slipway:release:Directory"],
  config: {
    ...signerAcceptance.config,
    allowedExceptions: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: [],
      description:
        "Names of assets that need neither checksum nor signature, as what another program " +
        "signs and nobody verifies here, e.g. `SHA256SUMS.asc`; `*` stands for any " +
        "characters. Whatever has such a name is published.",
    },
  },
  check(resource, settings) {
    const { name, props } = resource;
    const assets = assetsOf(resource);
    if (assets === undefined) return [{ what: `assets of release ${name}`, later: true }];
    const coverage = asRecord(props.summed);
    const release: Release = {
      digests: new Map(assets.map((asset) => [asset.name, asset.digest])),
      sumsOf: (asset) => asTexts(coverage[asset]),
      signatures: signaturesOf(props.evidence),
      acceptance: signerAcceptance.acceptance("signature", settings),
      place: resource.type === gitHubType ? `github.com/${asText(props.repository) ?? ""}` : undefined,
    };
    const excepted = asTexts(settings.allowedExceptions);
    const summing = new Set(assets.flatMap((asset) => release.sumsOf(asset.name)));
    return assets
      .filter(({ name: file }) => !summing.has(file) && !matchesAny(excepted, file))
      .filter((asset) => !isVerifiedBundle(asset, release))
      .map((asset) => ofAsset(asset, release));
  },
};

/** A file of a release. */
interface Asset {
  readonly name: string;
  readonly digest: string;
}

/** Facts about a release as a whole. */
interface Release {
  readonly digests: ReadonlyMap<string, string>;
  /** Sums files that list an asset with its digest, as the provider has read them. */
  readonly sumsOf: (asset: string) => readonly string[];
  /** Facts about signatures; undefined where they are not known yet. */
  readonly signatures: readonly EvidenceItem[] | undefined;
  readonly acceptance: Acceptance;
  /** Undefined for a folder of this machine. */
  readonly place: string | undefined;
}

/** The assets by digest; undefined while one of them is not known. */
function assetsOf({ props }: Declared): readonly Asset[] | undefined {
  const digests = asRecord(props.digests);
  const assets = asList(props.assets).map(asRecord);
  if (props.assets === UNKNOWN || asList(props.assets).includes(UNKNOWN)) return undefined;
  const known = assets.flatMap(({ name, digest }): Asset[] => {
    const by = digest ?? digests[asText(name) ?? ""];
    return typeof name === "string" && typeof by === "string" ? [{ name, digest: by }] : [];
  });
  return known.length === assets.length ? known : undefined;
}

/**
 * Names of the assets that a file may be a bundle of, as far as its own name tells: `hello.zip` of
 * `hello.zip.sigstore.json`.
 */
function signedNames({ name }: Asset, { digests }: Release): readonly string[] {
  return bundleName.test(name) ? [...digests.keys()].filter((signed) => name.startsWith(`${signed}.`)) : [];
}

/**
 * Returns whether an asset is byte for byte the file with which a signature of the asset that it is
 * named after was verified.
 */
function isVerifiedBundle(asset: Asset, release: Release): boolean {
  const subjects = signedNames(asset, release).map((name) => release.digests.get(name));
  return (release.signatures ?? []).some(
    (item) =>
      item.bundleDigest === asset.digest &&
      subjects.some((subject) => item.subject === subject) &&
      item.result === "passed" &&
      release.acceptance.objection(item, release.place) === undefined,
  );
}

function ofAsset(asset: Asset, release: Release): Outcome {
  const { name, digest } = asset;
  const what = `asset ${name}`;
  const [signed] = signedNames(asset, release);
  // Which file was verified, only evidence tells.
  if (signed !== undefined && release.signatures === undefined) return { what, later: true };
  const sums = release.sumsOf(name);
  const lacks = sums.length > 0 ? [] : ["no checksum (no sums file of the release lists it with its digest)"];
  const subjects = [digest, ...sums.flatMap((one) => release.digests.get(one) ?? [])];
  const unsigned = release.signatures && lackOfSignature(subjects, release.signatures, release);
  if (unsigned !== undefined) lacks.push(unsigned);
  if (lacks.length === 0) return release.signatures ? { what } : { what, later: true };
  const finding = `has ${lacks.join(" and ")}`;
  if (signed === undefined) return { what, finding };
  return { what, finding: `${finding}, and is not a file with which a signature of ${signed} was verified` };
}

/** Returns why none of the digests is signed as it has to be. */
function lackOfSignature(
  subjects: readonly string[],
  signatures: readonly EvidenceItem[],
  { acceptance, place }: Release,
): string | undefined {
  const reasons = new Set<string>();
  for (const subject of subjects) {
    const about = signatures.filter((item) => item.subject === subject && item.result === "passed");
    const judged = about.map((item) => ({ item, objection: acceptance.objection(item, place) }));
    const counted = judged.filter(({ objection }) => objection === undefined).map(({ item }) => item);
    const shortfall = counted.length > 0 ? acceptance.shortfall?.(counted) : undefined;
    if (counted.length > 0 && shortfall === undefined) return undefined;
    for (const { objection } of judged) if (objection !== undefined) reasons.add(objection);
    if (shortfall !== undefined) reasons.add(`it ${shortfall}`);
  }
  const why =
    reasons.size > 0 ? [...reasons].join("; ") : "neither its own nor one of a sums file that lists it";
  return `no signature that was verified (${why})`;
}

function signaturesOf(evidence: unknown): readonly EvidenceItem[] | undefined {
  const items = asList(evidence);
  if (evidence === UNKNOWN || items.includes(UNKNOWN)) return undefined;
  const signatures = items.map(asRecord).filter(({ kind }) => kind === "signature" || kind === UNKNOWN);
  const isKnown = signatures.every(
    ({ kind, subject, result, signer, bundleDigest }) =>
      ![kind, subject, result, signer, bundleDigest].includes(UNKNOWN),
  );
  return isKnown ? signatures : undefined;
}
