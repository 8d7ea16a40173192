import assert from "node:assert/strict";
import { JsonService, NotTold, type AnswerLimits } from "../../../lib/metrics/json-service";
import { UsageServices, type UsageAnswer } from "../../support/usage-services";

describe("JSON of services that tell numbers", () => {
  let services: UsageServices;

  before(async () => {
    services = await UsageServices.start();
  });
  after(() => services.stop());

  const limits: AnswerLimits = { answerMs: 1_500, silenceMs: 300, bytes: 1_000 };
  const read = async (answer: UsageAnswer, more: Partial<AnswerLimits> = {}) => {
    services.on("/counts", answer);
    const service = new JsonService("slipway/test", { ...limits, ...more });
    try {
      return await service.read(new URL(`${services.url}/counts`));
    } finally {
      await service.close();
    }
  };
  const refused = async (answer: UsageAnswer, reason: RegExp, more?: Partial<AnswerLimits>) => {
    const began = Date.now();
    await assert.rejects(read(answer, more), (error) => {
      assert.ok(error instanceof NotTold);
      assert.match(error.message, reason);
      return true;
    });
    return Date.now() - began;
  };

  it("is read by a client that says who it is", async () => {
    assert.deepEqual(await read({ body: { count: 1 } }), { count: 1 });
    assert.equal(services.requests.at(-1)?.headers["user-agent"], "slipway/test");
    assert.equal(services.requests.at(-1)?.headers.authorization, undefined);
  });

  it("is not waited for longer than it may take, however the service is silent", async () => {
    const silent = await refused(() => undefined, /^127\.0\.0\.1:\d+(:| did not answer) /);
    assert.ok(silent < 2_500, `${silent} ms`);
    const dripping = await refused((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(timer));
    }, /did not answer within 1\.5 s/);
    assert.ok(dripping < 3_000, `${dripping} ms`);
    const asking = { status: 429, headers: { "retry-after": "3600" }, body: {} };
    assert.ok((await refused(asking, /did not answer within|limits requests/)) < 3_000);
  });

  it("is not read beyond its limit", async () => {
    await refused({ body: { count: "1".repeat(2_000) } }, /larger than 1000 bytes/);
  });
});
