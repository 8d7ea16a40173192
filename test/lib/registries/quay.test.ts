import assert from "node:assert/strict";
import { Quay } from "../../../lib/registries/quay/quay";
import { defaultRetryPolicy } from "../../../lib/oci/transport/retry-policy";
import { QuayStandIn } from "../../support/quay";

const token = "quay-oauth-token";
const all = ["fullDescription", "visibility", "immutableTags"] as const;

/** Against the stand-in: nobody has met the service. */
describe("Quay's API", () => {
  let quay: QuayStandIn;
  let clients: Quay[];

  beforeEach(async () => {
    quay = await new QuayStandIn(token).listen();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    await quay.stop();
  });

  function client(as?: string): Quay {
    const retry = { ...defaultRetryPolicy, baseDelayMs: 1 };
    const made = new Quay(as, { address: new URL(quay.address), retry });
    clients.push(made);
    return made;
  }

  it("makes a repository, private unless it is to be public, and changes each field by itself", async () => {
    const one = client(token);
    assert.equal(await one.find("acme/tools/hello", all), undefined);
    await one.make("acme/tools/hello", { fullDescription: "# Hello" });
    assert.equal(quay.repositories.get("acme/tools/hello")?.is_public, false);
    await one.change("acme/tools/hello", { visibility: "public", immutableTags: ["^v1", "^v2"] });
    assert.deepEqual(await one.find("acme/tools/hello", all), {
      fullDescription: "# Hello",
      visibility: "public",
      immutableTags: ["^v1", "^v2"],
    });
    await one.change("acme/tools/hello", { immutableTags: ["^v2", "^v3"], fullDescription: "b" });
    const found = await one.find("acme/tools/hello", all);
    assert.deepEqual([found?.immutableTags, found?.fullDescription], [["^v2", "^v3"], "b"]);
    assert.deepEqual((await client().find("acme/tools/hello", all))?.immutableTags, undefined);
  });

  it("removes a rule that makes all other tags immutable, and adds the new ones before that", async () => {
    quay.put("acme/hello", {
      policies: [{ uuid: "by-hand", tagPattern: "^dev", tagPatternMatches: false }],
    });
    const one = client(token);
    assert.deepEqual((await one.find("acme/hello", all))?.immutableTags, ["not ^dev"]);
    await one.change("acme/hello", { immutableTags: ["^v"] });
    assert.deepEqual(
      quay.writes.map((line) => line.replace(/ \S+ /, " ")),
      ["POST 201", "DELETE 200"],
    );
    assert.deepEqual((await one.find("acme/hello", all))?.immutableTags, ["^v"]);
  });

  it("asks for rules only where somebody wants to know them, and says where there are none of that kind", async () => {
    quay.put("acme/hello");
    quay.hasPolicies = false;
    const one = client(token);
    await one.find("acme/hello", ["fullDescription"]);
    assert.equal(quay.requests.length, 1);
    await assert.rejects(one.change("acme/hello", { immutableTags: ["^v"] }), /FEATURE_IMMUTABLE_TAGS/);
  });

  it("refuses to a robot account what an OAuth application may, with what to do", async () => {
    quay.put("acme/hello");
    await assert.rejects(
      client("robot-token").change("acme/hello", { fullDescription: "a" }),
      (error: Error) => {
        assert.match(
          error.message,
          /^describing acme\/hello at Quay at 127\.0\.0\.1:\d+: HTTP 401 \(Invalid bearer token\)/,
        );
        assert.match(error.message, /OAuth application.*repo:admin/s);
        return !error.message.includes("robot-token");
      },
    );
    await assert.rejects(client().find("acme/none", all), /HTTP 401 \(Unauthorized\)\nNobody has signed in/);
  });

  it("goes on after a limit", async () => {
    quay.put("acme/hello", { description: "a" });
    quay.refuseNext(429);
    assert.equal((await client(token).find("acme/hello", ["fullDescription"]))?.fullDescription, "a");
  });
});
