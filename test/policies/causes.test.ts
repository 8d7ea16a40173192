import assert from "node:assert/strict";
import { PackProcess, unknown } from "./pack-process";

const repositories = ["ghcr.io/acme/app", "quay.io/acme/app"];
const digest = `sha256:${"a".repeat(64)}`;
const rule = "promoted-tags-are-scanned";

/** Tags as a distribution without a scan makes them: three in each of two registries. */
const tags = repositories.map((repository) => ({
  repository,
  digest,
  tags: ["v1.2.3", "v1.2", "latest"].map((tag) => ({ tag, moves: "never" })),
}));

describe("violations of one cause", () => {
  let pack: PackProcess;
  before(async () => {
    pack = await PackProcess.start();
  });
  after(() => pack?.stop());

  const names = repositories.flatMap((repository) =>
    ["v1.2.3", "v1.2", "latest"].map((tag) => `tag ${repository}:${tag}`),
  );

  it("are one at the end of a preview, which names all that it is about", async () => {
    await pack.configureStack({}, [], true);
    const early = [];
    for (const [index, props] of tags.entries())
      early.push(...(await pack.analyze("slipway:oci:Tags", props, `tags-${index}`)));
    assert.deepEqual(early, []);
    const found = (await pack.analyzeStack([])).filter(({ policy }) => policy === rule);
    assert.equal(found.length, 1);
    const [{ message = "", resource = "" } = {}] = found;
    assert.equal(resource, "tags-0"); // Its tags are the first by their names.
    for (const name of names)
      assert.equal(message.split(new RegExp(`${name}[ ,.](?!\\d)`)).length, 2, `${name} in ${message}`);
    assert.equal(message.split("To do:").length, 2);
    assert.deepEqual(await pack.analyzeStack([]), [], "are told once");
  });

  it("are one for each resource at an update, which they stop", async () => {
    await pack.configureStack({}, []);
    for (const props of tags) {
      const found = (await pack.analyze("slipway:oci:Tags", props)).filter(({ policy }) => policy === rule);
      assert.equal(found.length, 1);
      for (const tag of ["v1.2.3", "v1.2", "latest"])
        assert.ok(found[0]?.message.includes(`tag ${props.repository}:${tag}`));
    }
  });

  it("are two where the causes differ", async () => {
    await pack.configureStack({}, [], true);
    await pack.configure({ "size-budget": { maximumBytes: 10 } });
    const image = { repository: repositories[0] };
    const stack = [11, 12, 12].map((totalSize, index) => ({
      type: "slipway:oci:Image",
      name: `image-${index}`,
      props: { ...image, totalSize },
    }));
    for (const { type, props, name } of stack) await pack.analyze(type, { ...props, digest: unknown }, name);
    const found = (await pack.analyzeStack(stack)).filter(({ policy }) => policy === "size-budget");
    assert.deepEqual(found.map(({ resource }) => resource).sort(), ["image-0", "image-1"]);
  });

  it("have the advice of a declaration where a distribution has made what they are about", async () => {
    await pack.configureStack({}, []);
    const inDistribution = "slipway:components:Distribution$slipway:oci:Tags";
    const [props = {}] = tags;
    const told = async (parents: string) => {
      const found = await pack.analyze("slipway:oci:Tags", props, "tags", false, parents);
      return found.find(({ policy }) => policy === rule)?.message ?? "";
    };
    assert.match(await told(inDistribution), /To do: Declare `trust: \{ scan: \{\} \}` in the distribution/);
    assert.match(await told("slipway:oci:Tags"), /To do: Scan the digest with slipway:trust:Scan/);
  });
});
