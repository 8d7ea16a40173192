import assert from "node:assert/strict";
import { httpCheck } from "../../../../lib/checks/http-check";
import { readText } from "../../../../lib/release/download";
import { fetchPublic } from "../../../../lib/oci/transport/follow-redirects";
import { HttpTransport } from "../../../../lib/oci/transport/http";
import { answer, redirect } from "../../../support/hostile/behaviors";
import { resolveTestNames } from "../../../support/hostile/names";
import { startHostileServer, type HostileServer } from "../../../support/hostile/server";

describe("a redirect to a name that is this machine", () => {
  let host: HostileServer;
  let inner: HostileServer;
  let transport: HttpTransport;
  let callOff: () => void = () => undefined;

  beforeEach(async () => {
    host = await startHostileServer();
    inner = await startHostileServer();
    transport = new HttpTransport();
    inner.on("GET", "/secret", answer(200, "what only this machine reaches"));
  });
  afterEach(async () => {
    callOff();
    await transport.close();
    await host.stop();
    await inner.stop();
  });

  /** Makes the host, under the name that the user declares, send to a server under another name. */
  function redirected(from: string, to: string): string {
    host.on("GET", "/file", redirect(`http://${to}:${inner.port}/secret`));
    return `http://${from}:${host.port}/file`;
  }

  const ways: [who: string, get: (url: string) => Promise<string>][] = [
    [
      "a registry's client",
      async (url) => {
        const response = await transport.send({ method: "GET", url: new URL(url) });
        return (await response.bytes(1000)).toString();
      },
    ],
    ["a download", async (url) => (await fetchPublic(url)).text()],
  ];
  for (const [who, get] of ways) {
    describe(`by ${who}`, () => {
      for (const address of ["127.0.0.1", "::ffff:127.0.0.1"]) {
        it(`is not followed from a host elsewhere: ${address}`, async () => {
          callOff = resolveTestNames(address);
          await assert.rejects(get(redirected("elsewhere.test", "inner.test")), {
            name: "RedirectError",
            message: `inner.test is this machine (${address}), which other machines must not redirect to`,
          });
          assert.equal(host.requests.length, 1);
          assert.deepEqual(inner.requests, []);
        });
      }

      for (const [from, to] of [
        ["elsewhere.test", "elsewhere.test"],
        ["localhost", "inner.test"],
        ["127.0.0.1", "localhost"],
      ] as const) {
        it(`is followed from ${from} to ${to}, which the user declared or has here`, async () => {
          callOff = resolveTestNames();
          assert.match(await get(redirected(from, to)), /what only this machine reaches/);
        });
      }
    });
  }

  it("is not an answer of a check", async () => {
    callOff = resolveTestNames();
    const url = redirected("elsewhere.test", "inner.test");
    const outcome = await httpCheck({ url, status: 200, timeoutSeconds: 30 });
    assert.deepEqual([outcome.passed, outcome.output], [false, ""]);
    assert.match(outcome.detail, /inner\.test is this machine/);
  });

  it("ends a release's download at once", async () => {
    callOff = resolveTestNames();
    await assert.rejects(readText(redirected("elsewhere.test", "inner.test")), /inner\.test is this machine/);
    assert.equal(host.requests.length, 1);
  });
});
