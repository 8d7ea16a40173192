import assert from "node:assert/strict";
import { encodePayload, isPayloadFor } from "../../../lib/sigstore/legacy-payload";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

describe("payloads of the older scheme", () => {
  const text = encodePayload("registry.example/acme/app", digest, { release: "v1" }).toString();
  const counts = (payload: string | Buffer, annotations = {}) =>
    isPayloadFor(Buffer.from(payload), digest, annotations);

  it("count for the image and the annotations that are signed", () => {
    assert.ok(counts(text) && counts(text, { release: "v1" }));
    assert.ok(!counts(text, { release: "v2" }) && !counts(text, { track: "v1" }));
    assert.ok(!isPayloadFor(Buffer.from(text), other));
  });

  for (const [what, payload] of [
    ["no JSON", "payload"],
    ["nothing in it", "null"],
    ["a list", "[]"],
    ["another type", text.replace("cosign container image", "atomic container")],
    ["two digests", text.replace('"image":{', `"image":{"docker-manifest-digest":"${other}",`)],
    [
      "the digest in another case too",
      text.replace('"image":{', `"image":{"Docker-Manifest-Digest":"${other}",`),
    ],
    ["a field that no payload has", text.replace('"critical":{', '"critical":{"note":"",')],
    ["the digest outside of what is critical", text.replace('"critical"', '"optional"')],
    [
      "a byte that is not UTF-8",
      Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from(text.slice(-2))]),
    ],
  ] as const) {
    it(`do not count with ${what}`, () => assert.ok(!counts(payload)));
  }
});
