import assert from "node:assert/strict";
import { clockCheck, compared } from "../../../provider/doctor/checks/clock";
import { diskCheck, judged } from "../../../provider/doctor/checks/disk";
import { scannerCheck } from "../../../provider/doctor/checks/scanner";
import { signingCheck } from "../../../provider/doctor/checks/signing";
import { toolsCheck } from "../../../provider/doctor/checks/tools";
import { writeKeyPair } from "../../support/key-pair";
import { openPgpKey } from "../../support/openpgp";
import { startDistribution } from "../../support/registries";
import { requireTools } from "../../support/tools";
import { AskingPlace, lines } from "./asking";

describe("slipway doctor and this machine", () => {
  let place: AskingPlace;

  before(async () => {
    place = await AskingPlace.open();
    await writeKeyPair(place.project, "cosign", "correct horse");
  });
  after(() => place?.close());

  const signature = (signer: object) => ({ type: "slipway:trust:Signature", inputs: { signer } });

  it("opens the key and signs with it, and says what is wrong with key and passphrase", async () => {
    const [right] = await place.ask(signingCheck, [
      signature({ key: "cosign.key", password: "correct horse" }),
    ]);
    assert.match(`${right?.status}: ${right?.text}`, /^ok: opens and signs, as key sha256:/);
    const [wrong] = await place.ask(signingCheck, [
      signature({ key: "cosign.key", password: "battery staple" }),
    ]);
    assert.match(`${wrong?.status}: ${wrong?.text}`, /^failure: .*cosign\.key/);
    assert.doesNotMatch(JSON.stringify(wrong), /battery staple/);
    const [none] = await place.ask(signingCheck, [signature({ key: "other.key", password: "x" })]);
    assert.match(`${none?.status}: ${none?.text}`, /^failure: .*does not exist/);
  });

  it("makes no throw-away key, and asks for each signer once", async () => {
    const own = signature({ key: ".slipway/keys/one.key", generate: true });
    assert.deepEqual(lines(await place.ask(signingCheck, [own, own])), [
      "ok: .slipway/keys/one.key: a throw-away key: made where it is not there",
    ]);
  });

  it("looks at the identity token that is there", async () => {
    const issuer = "https://token.actions.githubusercontent.com";
    const token = (claims: object) =>
      ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "c2ln"].join(".");
    const signed = (text: string) =>
      signature({ keyless: { issuer, token: text, trustedRoot: "root.json", identity: "me" } });
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    const found = await place.ask(signingCheck, [
      signed(token({ iss: issuer, exp: inAnHour })),
      signed(token({ iss: issuer, exp: 1 })),
      signed(token({ iss: "https://gitlab.com", exp: inAnHour })),
      signed("no token"),
    ]);
    const text = lines(found).map((line) => line.replace(`${issuer}: `, ""));
    assert.match(text[0] ?? "", /^ok: there is an identity token, for another \d+ min$/);
    assert.equal(text[1], "failure: the identity token has ended");
    assert.match(text[2] ?? "", /^failure: there is an identity token of https:\/\/gitlab\.com, and one of/);
    assert.match(text[3] ?? "", /^failure: the identity token is not a JSON web token/);
    const bare = { PATH: process.env.PATH };
    const [none] = await place.ask(
      signingCheck,
      [signature({ keyless: { issuer, trustedRoot: "root.json", identity: "me" } })],
      { env: bare },
    );
    assert.match(
      `${none?.status}: ${none?.text}`,
      /^failure: there is no identity token of .*id-token: write/,
    );
  });

  it("opens the keys of repositories of packages", async () => {
    const key = await openPgpKey("ed25519", "correct horse");
    const repository = (passphrase: string) => ({
      type: "slipway:apt:Repository",
      inputs: { key, passphrase },
    });
    const found = await place.ask(signingCheck, [repository("correct horse"), repository("battery staple")]);
    assert.deepEqual(
      found.map(({ status }) => status),
      ["ok", "failure"],
    );
    assert.doesNotMatch(JSON.stringify(found), /battery staple|PRIVATE KEY/);
  });

  it("names the tools that are needed and no others, with their versions", async () => {
    const files = { type: "slipway:git:Files", inputs: { remote: "git@github.com:acme/tap.git" } };
    const command = {
      type: "slipway:build:Command",
      inputs: { command: ["no-such-compiler", "build"], sources: ["x"] },
    };
    const found = await place.ask(toolsCheck, [files, command]);
    assert.deepEqual(
      found.map(({ about }) => about),
      ["node", "pulumi", "git", "ssh", "no-such-compiler"],
    );
    assert.match(found[2]?.text ?? "", /^git version \d/);
    assert.equal(found[4]?.status, "failure");
    const bare = await place.ask(toolsCheck, []);
    assert.deepEqual(lines(bare), [`ok: node: ${process.version}`, "ok: pulumi: v3.276.0"]);
    const [, old] = await place.ask(toolsCheck, [], { pulumi: "v3.99.1" });
    assert.match(`${old?.status}: ${old?.text}`, /^failure: v3\.99\.1, and 3\.245\.0 or newer is needed$/);
    const [scanner] = await place.ask(scannerCheck, [
      { type: "slipway:trust:Scan", inputs: { scanner: { name: "trivy", program: "no-such-trivy" } } },
    ]);
    assert.match(`${scanner?.status}: ${scanner?.text}`, /^failure: .*no-such-trivy/);
  });

  it("says how much room there is, once a file system", async () => {
    const found = await place.ask(diskCheck, []);
    assert.ok(found.length >= 1);
    assert.match(found[0]?.text ?? "", /^\d+\.\d GB are free$/);
    assert.deepEqual(
      [400e6, 2e9, 50e9].map((bytes) => judged(bytes).status),
      ["failure", "warning", "ok"],
    );
  });

  it("compares the clocks", async function () {
    const begun = Date.parse("2026-01-01T12:00:00Z");
    const cases: [there: number | undefined, status: string, text: RegExp][] = [
      [begun, "ok", /agree/],
      [begun - 1_500, "ok", /agree/],
      [begun - 60_000, "warning", /59 s ahead of/],
      [begun + 60_000, "warning", /60 s behind/],
      [begun + 3_600_000, "failure", /60 min behind/],
      [undefined, "not asked", /does not say/],
    ];
    for (const [there, status, text] of cases) {
      const answer = compared(begun, there, begun + 100);
      assert.equal(answer.status, status, String(there));
      assert.match(answer.text, text);
    }
    requireTools(this, "registry");
    const registry = await startDistribution({ auth: "htpasswd" });
    try {
      const image = { type: "slipway:oci:Image", inputs: { repository: `${registry.host}/acme/app` } };
      assert.deepEqual(lines(await place.ask(clockCheck, [image])), [
        `ok: ${registry.host}: the clocks agree`,
      ]);
    } finally {
      await registry.stop();
    }
  });
});
