import assert from "node:assert/strict";
import { DeclarationError, observedChannel, type ObservedChannelTargetArgs } from "../../components";
import { isChannelTarget } from "../../components/declaration/channel-target";

describe("observedChannel()", () => {
  const names: [args: ObservedChannelTargetArgs, name: string][] = [
    [{ catalog: "homebrew-core", package: "hello" }, "homebrew-core hello"],
    [{ catalog: "repology", part: "fedora_rawhide", package: "hello" }, "repology fedora_rawhide hello"],
    [
      { name: "Acme Store", probe: { url: "https://store.acme.example/hello", pattern: "v(.+)" } },
      "Acme Store",
    ],
  ];
  for (const [args, name] of names) {
    it(`is a channel, ${name}, that no run fails for`, () => {
      const channel = observedChannel(args);
      assert.ok(isChannelTarget(channel));
      assert.deepEqual([channel.name, channel.observed, channel.grace], [name, true, undefined]);
    });
  }

  const url = "https://store.acme.example/hello.json";
  const refused: [reason: RegExp, args: object][] = [
    [/catalog and package are expected, or probe \(a valid example: catalog: "homebrew-core"/, {}],
    [/catalog and package are expected/, { catalog: "debian" }],
    [/catalog: .*homebrew-core/s, { catalog: "homebrew", package: "hello" }],
    [/package: .*letters, digits/s, { catalog: "debian", package: "../hello" }],
    [/a probe of your own has a name/, { probe: { url, version: "/version" } }],
    [/one of version and pattern is expected/, { name: "store", probe: { url } }],
    [/one of version and pattern/, { name: "store", probe: { url, version: "/version", pattern: "v(.+)" } }],
    [
      /probe\.url: .*an https address/s,
      { name: "store", probe: { url: "http://store.example/", version: "/v" } },
    ],
    [/probe\.version: .*JSON pointer/s, { name: "store", probe: { url, version: "version" } }],
    [/probe\.pattern: .*no group/s, { name: "store", probe: { url, pattern: "version" } }],
    [
      /grace: .*days \(d\), weeks \(w\), months \(mo\)/s,
      { catalog: "debian", package: "hello", grace: "soon" },
    ],
    [/host: .*an https address/s, { catalog: "debian", package: "hello", host: "http://mirror.example" }],
  ];
  for (const [reason, args] of refused) {
    it(`is refused where it is called: ${reason}`, () =>
      assert.throws(
        () => observedChannel(args),
        (error: Error) => {
          assert.ok(error instanceof DeclarationError, error.stack);
          assert.match(error.message, reason);
          return true;
        },
      ));
  }
});
