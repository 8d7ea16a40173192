import assert from "node:assert/strict";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { decodeProperties, encodeProperties, secretValues } from "../../provider/base/properties";
import { hasUnknown, unknown } from "../../provider/base/unknown";

const signature = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";
const output = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("properties on the wire", () => {
  it("keep plain values", () => {
    const values = {
      text: "a",
      number: 1.5,
      yes: true,
      list: [1, "b", { c: false }],
      nested: { empty: {}, none: null },
    };
    assert.deepEqual(decodeProperties(encodeProperties(values)).values, values);
  });

  it("leave out what is undefined", () => {
    assert.deepEqual(encodeProperties({ a: 1, b: undefined }).toJavaScript(), { a: 1 });
  });

  it("keep unknowns, at any depth", () => {
    const decoded = decodeProperties(Struct.fromJavaScript({ a: unknownText, b: { c: [unknownText] } }));
    assert.deepEqual(decoded.values, { a: unknown, b: { c: [unknown] } });
    assert.ok(hasUnknown(decoded.values.b));
    assert.deepEqual(encodeProperties(decoded.values).toJavaScript(), {
      a: unknownText,
      b: { c: [unknownText] },
    });
  });

  it("keep secrets secret, at any depth", () => {
    const wire = {
      plain: "p",
      password: { [signature]: secret, value: "hunter2" },
      env: { TOKEN: { [signature]: secret, value: "t" }, HOME: "/" },
      list: [{ [signature]: secret, value: { deep: "d" } }],
    };
    const decoded = decodeProperties(Struct.fromJavaScript(wire));
    assert.deepEqual(decoded.values, {
      plain: "p",
      password: "hunter2",
      env: { TOKEN: "t", HOME: "/" },
      list: [{ deep: "d" }],
    });
    assert.deepEqual(new Set(secretValues(decoded)), new Set(["hunter2", "t", { deep: "d" }]));
    assert.deepEqual(encodeProperties({ ...decoded.values, added: 1 }, decoded.secrets).toJavaScript(), {
      ...wire,
      added: 1,
    });
  });

  it("read outputs: known, secret and not yet known", () => {
    const decoded = decodeProperties(
      Struct.fromJavaScript({
        known: { [signature]: output, value: "k", dependencies: ["urn"] },
        hidden: { [signature]: output, value: "h", secret: true },
        later: { [signature]: output },
      }),
    );
    assert.deepEqual(decoded.values, { known: "k", hidden: "h", later: unknown });
    assert.deepEqual([...decoded.secrets], [JSON.stringify(["hidden"])]);
  });
});
