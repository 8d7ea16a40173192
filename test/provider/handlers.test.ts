import assert from "node:assert/strict";
import { handledTypes, handlerFor } from "../../provider/server/handlers";
import { definitions } from "../../resources/definitions/definitions";

describe("the handlers of resource types", () => {
  it("are those of the definitions, each under its own token", () => {
    assert.deepEqual([...handledTypes].sort(), definitions.map(({ token }) => token).sort());
    for (const definition of definitions) {
      assert.equal(handlerFor(definition.token)?.definition, definition, definition.token);
    }
  });

  for (const token of ["slipway:oci:Picture", "", "constructor", "__proto__"]) {
    it(`are none for ${JSON.stringify(token)}`, () => assert.equal(handlerFor(token), undefined));
  }
});
