import assert from "node:assert/strict";
import { Harbor } from "../../../lib/registries/harbor/harbor";
import { defaultRetryPolicy } from "../../../lib/oci/transport/retry-policy";
import { HarborStandIn } from "../../support/harbor";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const curator = basic("robot$curator:secret-of-harbor");
const all = ["fullDescription", "visibility", "immutableTags"] as const;

/** Against the stand-in: nobody has met the software. */
describe("Harbor's API", () => {
  let harbor: HarborStandIn;
  let clients: Harbor[];

  beforeEach(async () => {
    harbor = await new HarborStandIn("robot$curator", "secret-of-harbor").listen();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    await harbor.stop();
  });

  function client(authorization?: string): Harbor {
    const retry = { ...defaultRetryPolicy, baseDelayMs: 1 };
    const made = new Harbor(authorization, { address: new URL(harbor.address), retry });
    clients.push(made);
    return made;
  }

  it("makes the project of a repository, with its visibility and rules, before anything is pushed", async () => {
    const one = client(curator);
    assert.equal(await one.find("acme/tools/hello", ["visibility", "immutableTags"]), undefined);
    await one.make("acme/tools/hello", { visibility: "private", immutableTags: ["v*.*.*"] });
    await one.change("acme/tools/hello", { immutableTags: ["v*.*.*"] });
    assert.deepEqual(await one.find("acme/tools/hello", ["visibility", "immutableTags"]), {
      fullDescription: undefined,
      visibility: "private",
      immutableTags: ["v*.*.*"],
    });
    await assert.rejects(
      one.make("acme/tools/hello", { fullDescription: "a" }),
      /its first push makes it, and then/,
    );
  });

  it("describes a repository whose name has slashes, and sets who may see its project", async () => {
    harbor.putProject("acme");
    harbor.repositories.set("acme/tools/hello", "");
    const one = client(curator);
    await one.change("acme/tools/hello", { fullDescription: "# Hello", visibility: "private" });
    assert.equal(harbor.repositories.get("acme/tools/hello"), "# Hello");
    assert.deepEqual(await one.find("acme/tools/hello", all), {
      fullDescription: "# Hello",
      visibility: "private",
      immutableTags: [],
    });
  });

  it("leaves rules that are not for this repository alone as they are", async () => {
    const others = { kind: "doublestar", decoration: "repoMatches", pattern: "**" };
    const tags = { kind: "doublestar", decoration: "matches", pattern: "release-*" };
    harbor.putProject("acme").rules.push({
      id: 99,
      action: "immutable",
      template: "immutable_template",
      tag_selectors: [tags],
      scope_selectors: { repository: [others] },
    });
    const one = client(curator);
    await one.change("acme/hello", { immutableTags: ["v1.*", "v2.*"] });
    await one.change("acme/hello", { immutableTags: ["v2.*"] });
    assert.deepEqual((await one.find("acme/hello", ["immutableTags"]))?.immutableTags, ["v2.*"]);
    assert.deepEqual(
      harbor.projects.get("acme")?.rules.map(({ tag_selectors: [tag] }) => tag?.pattern),
      ["release-*", "v2.*"],
    );
  });

  it("names what an account lacks, in its own words and without its secret", async () => {
    harbor.putProject("acme");
    harbor.repositories.set("acme/hello", "");
    await assert.rejects(
      client(basic("a:b")).change("acme/hello", { fullDescription: "a" }),
      (error: Error) => {
        assert.match(error.message, /^describing acme\/hello at Harbor at \S+: HTTP 401 \(unauthorized\)/);
        return /maintainer/.test(error.message) && !error.message.includes(basic("a:b").slice(6));
      },
    );
    await assert.rejects(client().change("acme/hello", { fullDescription: "a" }), /Nobody has signed in/);
  });
});
