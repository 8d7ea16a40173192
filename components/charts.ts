import * as pulumi from "@pulumi/pulumi";
import { defined } from "../lib/objects/defined";
import {
  type Evidence,
  HelmChart,
  Provenance,
  type PublishedProof,
  Signature,
  Tags,
  Verification,
} from "../resources";
import { chartRepository, chartVersion, chartVersionTag } from "./declaration/chart-findings";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { RegistryTarget } from "./declaration/registry";
import { signatureForms } from "./declaration/trust-declaration";
import { declaredTag, type PlannedTag } from "./declaration/tag-rules";
import type { MultiArchImage } from "./multi-arch-image";
import { proof } from "./trust";

/** Published facts of a chart. */
export interface PublishedChart {
  /** Digest of the artifact. */
  digest: string;
  version: string;
  /** `helm install …`. */
  install: string;
}

/** A chart that is in its repository, by digest. */
export interface MadeChart {
  readonly name: string;
  /** Name of the repository below each namespace. */
  readonly path: string;
  readonly repository: string;
  readonly version: string;
  readonly chart: HelmChart;
  /** Undefined where nothing is proven. */
  readonly evidence: pulumi.Output<Evidence[]> | undefined;
  readonly attached: pulumi.Output<PublishedProof[]> | undefined;
  /** What points to it depends on these. */
  readonly gates: readonly pulumi.Resource[];
  readonly tag: PlannedTag;
}

/** How the parameters of a provenance are to be read: they are the declaration of the chart. */
const buildType = "urn:slipway:build:chart:v1";

/** Packs and proves the charts, which name the images by digest; none without a version. */
export function createCharts(
  args: DistributionDeclaration,
  registry: RegistryTarget,
  images: Readonly<Record<string, MultiArchImage>>,
  tags: readonly PlannedTag[],
  parent: pulumi.Resource,
): MadeChart[] {
  const version = chartVersion(args);
  if (version === undefined) return [];
  const imageTag = tags.find(({ moves }) => moves === "never")?.tag;
  return Object.entries(args.charts ?? {}).map(([name, declared]) => {
    const path = chartRepository(name, declared);
    const repository = registry.repository(path);
    const used = Object.entries(declared.images ?? {}).flatMap(([place, image]) => {
      const found = images[image];
      return found ? [{ place, image: found }] : [];
    });
    const chart = new HelmChart(
      name,
      {
        repository,
        directory: declared.directory,
        version,
        appVersion: imageTag ?? args.version,
        values: declared.values,
        images:
          used.length === 0
            ? undefined
            : Object.fromEntries(
                used.map(({ place, image }) => [
                  place,
                  defined({ repository: image.repository, digest: image.digest, tag: imageTag }),
                ]),
              ),
      },
      { parent, dependsOn: used.flatMap(({ image }) => image.whole) },
    );
    const facts = {
      buildType,
      parameters: { version: args.version, chart: declared },
      source: defined({ repository: args.source, revision: args.commit, version: args.version }),
      dependencies: used.map(({ image }) => ({ uri: image.repository, digest: image.digest })),
    };
    const proven = proveChart(name, chart, repository, facts, args);
    return { name, path, repository, version, chart, tag: chartVersionTag(version), ...proven };
  });
}

/** Proves a chart by digest as images are proven, but for what is about the programs in them. */
function proveChart(
  name: string,
  chart: HelmChart,
  repository: string,
  facts: Pick<
    ConstructorParameters<typeof Provenance>[1],
    "buildType" | "parameters" | "source" | "dependencies"
  >,
  { trust }: DistributionDeclaration,
): Pick<MadeChart, "evidence" | "attached" | "gates"> {
  if (!trust) return { evidence: undefined, attached: undefined, gates: [chart] };
  const { sign } = trust;
  const subjects = [{ digest: chart.digest }];
  const options = (...after: pulumi.Resource[]) => ({ parent: chart, dependsOn: [chart, ...after] });
  const gates: (pulumi.Resource & { evidence: pulumi.Output<Evidence[]> })[] = [];
  const attached: pulumi.Output<PublishedProof[]>[] = [];
  const resource = `charts/${name}`;
  if (trust.provenance ?? true) {
    const signer = sign ? { signer: sign.signer } : {};
    const provenance = new Provenance(resource, { repository, subjects, ...facts, ...signer }, options());
    gates.push(provenance);
    attached.push(provenance.attestations.apply((list) => list.map(proof("provenance"))));
  }
  if (sign) {
    const forms = signatureForms(trust);
    const signature = new Signature(
      resource,
      { repository, subjects, signer: sign.signer, ...forms.signature },
      options(...gates),
    );
    gates.push(
      new Verification(
        resource,
        { repository, subjects, verifier: sign.verifier, ...forms.verification },
        options(signature),
      ),
    );
    attached.push(
      signature.signatures.apply((list) =>
        list.filter(({ referrer, legacyReferrer }) => referrer !== legacyReferrer).map(proof("signature")),
      ),
    );
  }
  return {
    evidence: pulumi.all(gates.map(({ evidence }) => evidence)).apply((lists) => lists.flat()),
    attached: pulumi.all(attached).apply((lists) => lists.flat()),
    gates: [chart, ...gates],
  };
}

/**
 * The version of each chart, when its images have theirs: Helm finds a chart by that, and installs
 * what is named in it.
 */
export function createChartTags(charts: readonly MadeChart[], after: readonly pulumi.Resource[]): Tags[] {
  return charts.map(
    ({ repository, chart, evidence, tag }) =>
      new Tags(
        `${repository.slice(repository.indexOf("/") + 1)}:version-tags`,
        { repository, digest: chart.digest, tags: [declaredTag(tag)], evidence },
        { parent: chart, dependsOn: [...after] },
      ),
  );
}

/** What a user wants to copy. */
export function publishedCharts(charts: readonly MadeChart[]): pulumi.Output<Record<string, PublishedChart>> {
  return pulumi.output(
    Object.fromEntries(
      charts.map(({ name, repository, version, chart }) => [
        name,
        chart.digest.apply((digest) => ({
          digest,
          version,
          install: `helm install ${name} oci://${repository} --version ${version}`,
        })),
      ]),
    ),
  );
}
