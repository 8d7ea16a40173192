import assert from "node:assert/strict";
import { DockerHub } from "../../../lib/registries/docker-hub/hub";
import { hubAnswers, tokensCheck } from "../../../provider/doctor/checks/tokens";
import { DockerHubStandIn } from "../../support/docker-hub";
import { AskingPlace, lines } from "./asking";

const now = Date.parse("2026-11-30T12:00:00Z");
const password = "dckr_pat_of_somebody";

/** Against a stand-in: nobody has met the service. */
describe("slipway doctor and tokens of Docker Hub", () => {
  let hub: DockerHubStandIn;
  let place: AskingPlace;

  beforeEach(async () => {
    hub = await DockerHubStandIn.start();
    place = await AskingPlace.open();
  });
  afterEach(async () => {
    await place.close();
    await hub.stop();
  });

  async function answers(
    scope: "repo:read" | "repo:write" | "repo:admin",
    use: "pushes" | "curates",
    expiresAt?: string,
  ): Promise<string[]> {
    const times = { createdAt: "2026-08-22T12:00:00.000000Z", ...(expiresAt !== undefined && { expiresAt }) };
    hub.add({ username: "acme", secret: password, scope, ...times });
    const client = new DockerHub({ username: "acme", password }, { address: new URL(hub.address) });
    try {
      return (await hubAnswers(client, use, now)).map(({ status, text }) => `${status}: ${text}`);
    } finally {
      await client.close();
    }
  }

  it("TINY-24: tells the age of a token, and that it may push and no more", async () => {
    assert.deepEqual(await answers("repo:write", "pushes"), [
      "ok: the token has repo:write, as it has to",
      "ok: it was made 100 days ago, and does not end by itself",
    ]);
  });

  it("TINY-24: warns of a token that may do more than push", async () => {
    assert.match(
      (await answers("repo:admin", "pushes"))[0] ?? "",
      /^warning: the token has repo:admin, and who pushes needs repo:write alone: it may delete, too/,
    );
  });

  it("TINY-24: warns before a token ends", async () => {
    assert.equal(
      (await answers("repo:write", "pushes", "2026-12-04T12:00:00Z"))[1],
      "warning: it was made 100 days ago, and ends in 4 days",
    );
  });

  it("tells on which day a token ends that lives for longer", async () => {
    assert.equal(
      (await answers("repo:write", "pushes", "2027-03-01T00:00:00Z"))[1],
      "ok: it was made 100 days ago, and ends on 2027-03-01",
    );
  });

  it("refuses a token that may not do what it is for", async () => {
    assert.match((await answers("repo:read", "pushes"))[0] ?? "", /^failure: .*needs repo:write/);
    await hub.stop();
    hub = await DockerHubStandIn.start();
    assert.match((await answers("repo:write", "curates"))[0] ?? "", /^failure: .*needs repo:admin/);
  });

  const shown = (registries: { host: string; username: string; password: string }[], secret = password) => ({
    type: "slipway:oci:RepositoryMetadata",
    inputs: {
      repository: "docker.io/acme/hello",
      kind: "docker-hub",
      api: hub.address,
      login: { username: "acme", password: secret },
    },
    config: { registries },
  });

  it("G-34: asks for each curator once, and warns where it is who pushes too", async () => {
    hub.add({ username: "acme", secret: password, scope: "repo:admin", expiresAt: "2126-01-01T00:00:00Z" });
    const apart = await place.ask(tokensCheck, [
      shown([{ host: "docker.io", username: "acme", password: "dckr_pat_another" }]),
      shown([{ host: "docker.io", username: "acme", password: "dckr_pat_another" }]),
    ]);
    assert.deepEqual(
      apart.map(({ status, about }) => `${status} ${about}`),
      ["ok Docker Hub (curator)", "ok Docker Hub (curator)"],
    );
    const one = await place.ask(tokensCheck, [shown([{ host: "docker.io", username: "acme", password }])]);
    assert.match(lines(one)[0] ?? "", /^warning: .*the token that pushes is that of the curator too/);
    assert.equal(JSON.stringify([apart, one]).includes(password), false);
  });

  it("says that a token is not taken, without the token", async () => {
    const found = await place.ask(tokensCheck, [shown([], "dckr_pat_revoked")]);
    assert.match(lines(found)[0] ?? "", /^failure: .*signing in to Docker Hub as acme: HTTP 401/);
    assert.equal(JSON.stringify(found).includes("dckr_pat_revoked"), false);
  });

  it("asks nobody where nobody signs in", async () => {
    const image = { type: "slipway:oci:Image", inputs: { repository: "docker.io/acme/hello" }, config: {} };
    const { DOCKER_CONFIG } = process.env;
    process.env.DOCKER_CONFIG = place.project;
    try {
      assert.deepEqual(await place.ask(tokensCheck, [image]), []);
    } finally {
      if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
      else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
    }
  });
});
