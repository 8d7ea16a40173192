import assert from "node:assert/strict";
import * as z from "zod";
import { unknown } from "../../provider/base/unknown";
import type { ResourceContext } from "../../provider/run/context";
import { resourceHandler, type HandlerParts } from "../../provider/run/resource-handler";
import { defineResource } from "../../resources/definitions/definition";

const definition = defineResource({
  token: "slipway:test:Greeting",
  description: "A greeting.",
  inputs: z.strictObject({
    name: z.string(),
    evidence: z.array(z.string()).optional(),
    text: z.string().optional(),
  }),
  computed: ["text"],
  outputs: z.strictObject({ length: z.number(), missing: z.array(z.string()) }),
  replaceOn: [],
});

type Parts = HandlerParts<typeof definition>;

/** What its own code was asked with. */
const asked: object[] = [];

function handler(further: Partial<Parts> = {}) {
  return resourceHandler(definition, {
    refreshBeforeUpdate: false,
    neutral: ["evidence"],
    compute: (_context, declared) => {
      asked.push(declared);
      return { text: `hello ${declared.name}` };
    },
    diff: () => ({}),
    id: ({ name }) => name,
    planned: () => ({ missing: [] }),
    create: (_context, { text = "" }) => ({ length: text.length, missing: [] }),
    ...further,
  });
}

/** A handler of this type asks nothing of its context but whether it is a preview. */
const context = (preview: boolean) => ({ preview }) as ResourceContext;
const later = { length: unknown, missing: [] };

describe("the handler of a resource type", () => {
  beforeEach(() => asked.splice(0));

  it("computes from what is declared alone", async () => {
    const checked = await handler().check(context(true), { name: "a", text: "old" }, undefined);
    assert.deepEqual(checked, { name: "a", text: "hello a" });
    assert.deepEqual(asked, [{ name: "a" }]);
  });

  it("leaves what it computes unknown while a declared value is", async () => {
    const checked = await handler().check(context(true), { name: unknown, text: "old" }, undefined);
    assert.deepEqual(checked, { name: unknown, text: unknown });
    assert.deepEqual(asked, []);
  });

  it("computes without evidence that is not known yet", async () => {
    const checked = await handler().check(context(true), { name: "a", evidence: unknown }, undefined);
    assert.deepEqual(checked, { name: "a", evidence: unknown, text: "hello a" });
  });

  it("computes from the inputs that it follows from", async () => {
    const own = handler({ computedFrom: ["evidence"], compute: () => ({ text: "known" }) });
    assert.equal((await own.check(context(true), { name: unknown }, undefined)).text, "known");
    assert.equal((await own.check(context(true), { name: "a", evidence: unknown }, undefined)).text, unknown);
  });

  const unknownName = { name: unknown, text: unknown };
  const known = { name: "a", text: "hello a" };
  const previews: [string, Partial<Parts>, typeof known, object][] = [
    ["knows the outputs of known inputs", {}, known, { length: 7, missing: [] }],
    ["knows them without evidence", {}, { ...known, evidence: unknown } as never, { length: 7, missing: [] }],
    ["knows no output of unknown inputs, but what is planned", {}, unknownName, later],
    ["knows none where the type says so", { unknownAtPreview: true }, known, later],
  ];
  for (const [title, parts, desired, outputs] of previews) {
    it(`${title}, at creation and at update`, async () => {
      const own = handler(parts);
      const observed = { ...known, length: 1, missing: ["all"] };
      const { state } = await own.create(context(true), desired);
      assert.deepEqual(state, { ...desired, ...outputs });
      assert.deepEqual(await own.update(context(true), desired, known, observed), state);
    });
  }

  it("makes at an update what a preview does not know", async () => {
    const { state } = await handler({ unknownAtPreview: true }).create(context(false), known);
    assert.deepEqual(state, { ...known, length: 7, missing: [] });
  });

  it("takes what it does not observe to be as it was", async () => {
    const state = { ...known, length: 7, missing: [] };
    assert.deepEqual(await handler().read(context(true), "a", known, state), {
      id: "a",
      inputs: known,
      state,
    });
  });

  it("refuses an import, with what to do instead", async () => {
    await assert.rejects(
      handler().read(context(true), "a", undefined, undefined),
      /^Error: a slipway:test:Greeting cannot be imported by an ID, here "a": declare it in a program, and an update adopts/,
    );
  });
});
