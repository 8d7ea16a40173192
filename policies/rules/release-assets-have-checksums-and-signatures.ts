import { isSumsName } from "../../archive/sums";
import type { Acceptance, EvidenceItem } from "../evidence/acceptance";
import { signerAcceptance } from "../evidence/trusted-signers";
import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asList, asRecord, asText, asTexts } from "../reading/values";

const gitHubType = "slipway:github:Release";
const signatureName = /\.(sig|asc|minisig|sigstore|sigstore\.json|bundle)$/i;

/** PROD-06. `github:index/release:Release` has no assets to look at. */
export const releaseAssetsHaveChecksumsAndSignatures: Rule = {
  name: "release-assets-have-checksums-and-signatures",
  description:
    "Checks that every asset of a release is in a sums file with its digest, and that a signature of it or of that sums file was verified.",
  remedy:
    "Add a sums file over the asset (slipway:build:Checksums) to the release, sign it or each asset with slipway:trust:FileSignature, and pass its `evidence` to the release.",
  level: "mandatory",
  severity: "high",
  looksAt: ["asset", "assets"],
  types: [gitHubType, "slipway:release:Directory"],
  config: signerAcceptance.config,
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
    const summing = new Set(assets.flatMap((asset) => release.sumsOf(asset.name)));
    return assets
      .filter((asset) => !isAboutAnother(asset, assets, summing))
      .map((asset) => ofAsset(asset, release));
  },
};

/** A file of a release. */
interface Asset {
  readonly name: string;
  readonly digest: string;
}

/** What is known of a release as a whole. */
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
 * Whether an asset is there for the sake of another one: a sums file that lists it, or a signature beside it. Neither
 * proves anything by its name; nobody runs it.
 */
function isAboutAnother({ name }: Asset, assets: readonly Asset[], summing: ReadonlySet<string>): boolean {
  if (isSumsName(name)) return summing.has(name);
  return signatureName.test(name) && assets.some((other) => name.replace(signatureName, "") === other.name);
}

function ofAsset({ name, digest }: Asset, release: Release): Outcome {
  const what = `asset ${name}`;
  const sums = release.sumsOf(name);
  const lacks = sums.length > 0 ? [] : ["no checksum (no sums file of the release lists it with its digest)"];
  const subjects = [digest, ...sums.flatMap((one) => release.digests.get(one) ?? [])];
  const unsigned = release.signatures && lackOfSignature(subjects, release.signatures, release);
  if (unsigned !== undefined) lacks.push(unsigned);
  if (lacks.length > 0) return { what, finding: `has ${lacks.join(" and ")}` };
  return release.signatures ? { what } : { what, later: true };
}

/** Why none of the digests is signed as it has to be. */
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
    ({ kind, subject, result, signer }) => ![kind, subject, result, signer].includes(UNKNOWN),
  );
  return isKnown ? signatures : undefined;
}
