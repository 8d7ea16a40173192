import assert from "node:assert/strict";
import type { EngineEvent, Step } from "../../lib/display/engine-event";
import { ReleaseStatusReader, type StatusRow } from "../../lib/display/release-status";
import type { ServedState } from "../../lib/display/served-state";
import { definitions } from "../../resources/definitions/definitions";
import { builtCommit, mockProgram, type DeclaredResource } from "./mocked-program";

const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

/** What holds a release together, and is nothing that somebody could get. */
const apart = ["slipway:release:Stage", "slipway:release:Ledger", "slipway:channel:Gate"];

/** Types that say a state of their own, and catalogs that others fill among them. */
const channels = definitions
  .filter(({ outputs }) => "state" in outputs.shape && "reason" in outputs.shape)
  .map(({ token }) => token);

/** What the last run has left of a resource: all that tells a user what is there. @param digest of the content */
function left({ type, inputs }: DeclaredResource, digest: string): Record<string, unknown> {
  const tags = Array.isArray(inputs.tags) ? (inputs.tags as (string | { tag: string })[]) : ["v1"];
  const pointers = Object.fromEntries(tags.map((tag) => [typeof tag === "string" ? tag : tag.tag, digest]));
  if (channels.includes(type)) return { ...inputs, state: "published", version: "1.0.0", digest };
  const files = { "a.tar.gz": digest };
  return { ...inputs, pointers, missing: [], digests: files, published: files, digest };
}

/** Rows of a look that has found a resource so; undefined where it could not look. */
function rowsOf(
  resource: DeclaredResource,
  found: Record<string, unknown> | null | undefined,
): readonly StatusRow[] {
  const old = { outputs: left(resource, one) };
  const { type, name } = resource;
  const step: Step = {
    op: found === null ? "delete" : JSON.stringify(found) === JSON.stringify(old.outputs) ? "same" : "update",
    urn: `urn:pulumi:prod::example::slipway:components:Distribution$${type}::${name}`,
    type,
    old,
    new: found && { outputs: found },
  };
  const reader = new ReleaseStatusReader();
  const events: EngineEvent[] = [{ resourcePreEvent: { metadata: { ...step, new: null } } }];
  if (found !== undefined) events.push({ resOutputsEvent: { metadata: step } });
  for (const event of events) reader.take(event);
  return reader.status().rows;
}

describe("the status of the five examples", function () {
  this.timeout(60_000);

  for (const example of ["bleu-os", "mcp-mesh", "mlos-core", "mlos-distro", "tinyolly"]) {
    it(`PROD-04: ${example}: whatever it publishes is told, as it was, drifted, gone, and where nobody could look`, async () => {
      const { resources } = await mockProgram(example, "prod", { commit: builtCommit, version: "v9.0.0" });
      const published = resources.filter(
        ({ type }) =>
          type.startsWith("slipway:") && !type.startsWith("slipway:components:") && !apart.includes(type),
      );
      assert.ok(published.some(({ type }) => type === "slipway:oci:Tags"));
      for (const resource of published) {
        const is = (found: Record<string, unknown> | null | undefined, ...expected: ServedState[]) => {
          const states = rowsOf(resource, found).map(({ state }) => state);
          const what = `${resource.type} ${resource.name}: ${states.join()}`;
          assert.ok(states.length > 0 && states.every((state) => expected.includes(state)), what);
        };
        const asItWas = rowsOf(resource, left(resource, one)).map(({ state }) => state);
        assert.ok(
          asItWas.every((state) => ["served", "published"].includes(state)),
          resource.type,
        );
        is(undefined, "unknown");
        if (channels.includes(resource.type))
          for (const state of ["awaiting", "staged", "behind", "failed", "unknown", "held"] as const)
            is({ ...left(resource, one), state }, state);
        // A catalog has nothing that the last run has left.
        if (resource.type === "slipway:channel:Observed") continue;
        is(left(resource, two), "drifted");
        is(null, "missing");
      }
    });
  }

  it("MESH-30: MCP Mesh: each catalog that others fill has a line of its own", async () => {
    const program = await mockProgram("mcp-mesh", "prod", {
      commit: builtCommit,
      version: "v9.0.0",
      observed: JSON.stringify([{ catalog: "homebrew-core", package: "meshctl", grace: "3d" }]),
    });
    const catalogs = [...program.ofType("slipway:channel:Observed")];
    assert.equal(catalogs.length, 1);
    for (const [name, inputs] of catalogs) {
      const resource = { type: "slipway:channel:Observed", name, inputs };
      const rows = rowsOf(resource, { ...left(resource, one), state: "behind", found: "0.9.0" });
      assert.deepEqual(
        rows.map(({ kind, state, served }) => [kind, state, served]),
        [["catalog", "behind", "0.9.0"]],
      );
    }
  });
});
