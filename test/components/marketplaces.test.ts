import assert from "node:assert/strict";
import { awsMarketplaceVersion, azureMarketplacePlan, type DocumentRelease } from "../../components";

const id = "a8b48be1-a630-41b5-b5a5-c2a9f7789922";
const aws = {
  product: "prod-1",
  services: ["ECS" as const],
  title: "Image",
  description: "Greets",
  usage: "docker run",
};
const azure = { product: id, plan: id, subscription: id, resourceGroup: "releases", image: "hello" };

/** A release with one image, as far as listings ask. */
const released = (repositories: string[], tag?: string) =>
  ({ images: { hello: { repositories, tags: [], tag, platforms: [] } } }) as unknown as DocumentRelease;

describe("listings at marketplaces", () => {
  it("are refused with the argument and a valid example", () => {
    assert.throws(() => awsMarketplaceVersion({ ...aws, title: "x".repeat(73) }), /title/);
    assert.throws(() => awsMarketplaceVersion({ ...aws, services: [] }), /services[^]*ECS/);
    assert.throws(() => azureMarketplacePlan({ ...azure, plan: "free" }), /plan[^]*12345678-/);
    const bundle = { tenant: id, extensionType: "Acme 1" };
    assert.throws(() => azureMarketplacePlan({ ...azure, bundle }), /bundle\.extensionType[^]*Acme\.Hello/);
  });

  it("find before anything is made that an image is in no registry of theirs, has no tag, or is not there", () => {
    const reason = (section: ReturnType<typeof azureMarketplacePlan>, release: DocumentRelease) =>
      section.findings?.(release).map((found) => `${found.property}: ${found.reason}`);
    const elsewhere = released(["ghcr.io/acme/hello"], "v1.0.0");
    assert.match(
      String(reason(awsMarketplaceVersion(aws), elsewhere)),
      /^images: "hello" is in no Amazon ECR in us-east-1/,
    );
    assert.match(
      String(reason(azureMarketplacePlan(azure), elsewhere)),
      /^image: "hello" is in no Azure Container Registry/,
    );
    const untagged = released(["acmeinc.azurecr.io/hello"]);
    assert.match(String(reason(azureMarketplacePlan(azure), untagged)), /has no tag of the version/);
    assert.match(
      String(reason(azureMarketplacePlan({ ...azure, image: "helo" }), elsewhere)),
      /^image: there is no image "helo"/,
    );
    const good = released(
      ["ghcr.io/acme/hello", "709825985650.dkr.ecr.us-east-1.amazonaws.com/acme/hello"],
      "v1.0.0",
    );
    assert.deepEqual(reason(awsMarketplaceVersion(aws), good), []);
  });
});
