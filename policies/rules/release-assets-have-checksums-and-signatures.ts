import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";

const sumsFile = /(^|[._-])(sha(256|512)sums?|checksums)(\.txt)?$/i;
const ownSums = /\.sha(256|512)$/i;
const signature = /\.(sig|asc|minisig|sigstore|sigstore\.json|bundle)$/i;
const aboutOthers = (name: string) => sumsFile.test(name) || ownSums.test(name) || signature.test(name);

/** PROD-06. `github:index/release:Release` has no assets to look at. */
export const releaseAssetsHaveChecksumsAndSignatures: Rule = {
  name: "release-assets-have-checksums-and-signatures",
  description:
    "Checks that every asset of a release has a checksum and a signature, its own or that of the sums file.",
  remedy:
    "Add a sums file (slipway:build:Checksums) to the release, and sign it or each asset; pass the signature's file or its `evidence` to the release.",
  level: "mandatory",
  severity: "high",
  looksAt: ["asset", "assets"],
  types: ["slipway:github:Release", "slipway:release:Directory"],
  check: ({ name, props }) => {
    const listed = props.assets;
    const digests = asRecord(props.digests);
    const assets: readonly Asset[] = asList(listed)
      .map(asRecord)
      .map((asset) => ({ digest: digests[asText(asset.name) ?? ""], ...asset }));
    const unknown =
      listed === UNKNOWN ||
      asList(listed).includes(UNKNOWN) ||
      assets.some((asset) => asset.name === UNKNOWN);
    if (unknown) return [{ what: `assets of release ${name}`, later: true }];
    const signed = signedDigests(props.evidence);
    const names = assets.flatMap((asset) => asText(asset.name) ?? []);
    return assets
      .filter((asset) => !aboutOthers(asText(asset.name) ?? ""))
      .map((asset) => ofAsset(asset, assets, names, signed));
  },
};

type Asset = Readonly<Record<string, unknown>>;

function ofAsset(
  asset: Asset,
  assets: readonly Asset[],
  names: readonly string[],
  signed: ReadonlySet<unknown>,
): Outcome {
  const name = asText(asset.name) ?? "(without a name)";
  const what = `asset ${name}`;
  const sums = assets.filter((other) => sumsFile.test(asText(other.name) ?? ""));
  const lacks: string[] = [];
  if (sums.length === 0 && !names.some((other) => ownSums.test(other) && other.startsWith(`${name}.`))) {
    lacks.push("no checksum (neither a sums file such as SHA256SUMS nor a file of its own)");
  }
  const isSigned = (one: Asset) =>
    signed.has(one.digest) ||
    names.some((other) => signature.test(other) && other.startsWith(`${String(one.name)}.`));
  if (!signed.has(UNKNOWN) && ![asset, ...sums].some(isSigned)) {
    lacks.push("no signature (neither its own nor one of the sums file)");
  }
  if (lacks.length > 0) return { what, finding: `has ${lacks.join(" and ")}` };
  return signed.has(UNKNOWN) ? { what, later: true } : { what };
}

/** Digests that have a signature that passed; unknown is among them where the evidence is not known yet. */
function signedDigests(evidence: unknown): ReadonlySet<unknown> {
  if (evidence === UNKNOWN) return new Set([UNKNOWN]);
  return new Set(
    asList(evidence).flatMap((item) => {
      if (item === UNKNOWN) return [UNKNOWN];
      const { kind, result, subject } = asRecord(item);
      return kind === "signature" && result === "passed" ? [subject] : [];
    }),
  );
}
