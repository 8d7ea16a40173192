import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { git } from "../support/git-server";
import { openPgpKey, openPgpPublicKey } from "../support/openpgp";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { requireSigners, signer, sshKey, verifyCommit } from "../support/signed-commits";

const type = "slipway:git:Files";

/** A key, and how git is told to trust it. */
interface Signer {
  inputs: Properties;
  trusted: Parameters<typeof verifyCommit>[2];
  secrets: string[];
}

describe("signatures of commits in a git repository", () => {
  let root: string;
  let provider: ProviderProcess;
  let tap: string;
  const signers = new Map<string, Signer>();

  before(async function () {
    requireSigners(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-signed-"));
    tap = path.join(root, "tap.git");
    await mkdir(path.join(root, "project"));
    provider = await ProviderProcess.start(path.join(root, "project"));
    const passphrase = "pass-9f8e7d6c5b4a";
    for (const [name, kind, given] of [
      ["Ed25519 of OpenPGP, under a passphrase", "ed25519", passphrase],
      ["RSA of OpenPGP", "rsa-2048", undefined],
    ] as const) {
      const key = await openPgpKey(kind, given);
      const signingPassphrase = given === undefined ? {} : { signingPassphrase: secret(given) };
      signers.set(name, {
        inputs: { signingKey: secret(key), ...signingPassphrase },
        trusted: { openPgp: [await openPgpPublicKey(key)] },
        secrets: [...key.split("\n").filter((line) => line.length > 40), passphrase],
      });
    }
    for (const [name, kind] of [
      ["Ed25519 of SSH", ["ed25519"]],
      ["RSA of SSH", ["rsa", "-b", "2048"]],
    ] as const) {
      const { privateKey, publicKey } = sshKey(root, kind);
      signers.set(name, {
        inputs: { signingKey: secret(privateKey) },
        trusted: { ssh: [publicKey] },
        secrets: privateKey.split("\n").filter((line) => line.length > 40 && !line.startsWith("---")),
      });
    }
  });
  beforeEach(async () => {
    await rm(tap, { recursive: true, force: true });
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", "tap.git");
  });
  after(async () => {
    await provider?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const declared = (content: string, more: Properties = {}): Properties => ({
    remote: "../tap.git",
    files: { "a.txt": { content } },
    author: { name: "Acmé releases", email: signer },
    message: "Größe 1\n\nA second paragraph.\n",
    ...more,
  });

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  for (const name of [
    "Ed25519 of OpenPGP, under a passphrase",
    "RSA of OpenPGP",
    "Ed25519 of SSH",
    "RSA of SSH",
  ]) {
    it(`${name}: git takes each commit for one of the key's owner, and of nobody else`, async () => {
      const { inputs, trusted, secrets } = signers.get(name)!;
      const first = declared("1\n", inputs);
      await provider.create(type, first, true);
      assert.equal(git(tap, "branch", "--list"), "");
      let held = await provider.create(type, first);
      held = await provider.update(await looked(held), declared("2\n", inputs));
      const commits = git(tap, "log", "--format=%H", "main").split("\n");
      assert.equal(commits.length, 2);
      for (const commit of commits) {
        assert.deepEqual(verifyCommit(tap, commit, trusted), { ok: true, said: "" });
        assert.equal(verifyCommit(tap, commit, {}).ok, false);
      }
      assert.equal(
        git(tap, "log", "-1", "--format=%an <%ae>|%B", "main").trimEnd(),
        [`Acmé releases <${signer}>|Größe 1`, "A second paragraph."].join("\n\n"),
      );
      git(tap, "fsck", "--strict");
      assert.deepEqual((await provider.diff(await looked(held), declared("2\n", inputs))).changes, []);
      for (const input of Object.keys(inputs)) {
        assert.ok(held.secrets?.state.has(JSON.stringify([input])), input);
      }
      const said = provider.messages.join("\n");
      for (const text of secrets) assert.ok(!said.includes(text));
    });
  }

  it("are not of a commit whose content somebody has changed", async () => {
    const { inputs, trusted } = signers.get("Ed25519 of SSH")!;
    await provider.create(type, declared("1\n", inputs));
    const changed = git(tap, "cat-file", "commit", "main").replace("Größe 1", "Größe 2");
    await writeFile(path.join(root, "commit"), `${changed}\n`);
    const forged = git(tap, "hash-object", "-t", "commit", "-w", path.join(root, "commit"));
    assert.equal(verifyCommit(tap, forged, trusted).ok, false);
  });

  it("are of the next commit: what was committed without one stays, and is no difference", async () => {
    const held = await provider.create(type, declared("1\n"));
    const before = git(tap, "rev-parse", "main");
    for (const { inputs } of signers.values()) {
      const now = declared("1\n", inputs);
      assert.deepEqual((await provider.diff(await looked(held), now)).changes, []);
    }
    const { inputs, trusted } = signers.get("RSA of SSH")!;
    await provider.update(await looked(held), declared("1\n", inputs));
    assert.equal(git(tap, "rev-parse", "main"), before);
    await provider.update(await looked(held), declared("2\n", inputs));
    assert.equal(git(tap, "rev-parse", "main~1"), before);
    assert.equal(verifyCommit(tap, "main", trusted).ok, true);
    assert.equal(verifyCommit(tap, before, trusted).ok, false);
  });

  it("are planned while the key is not known yet", async () => {
    const inputs = declared("1\n", { signingKey: unknown });
    assert.equal((await provider.create(type, inputs, true)).state.state, "published");
  });

  for (const [what, wrong, finding] of [
    ["a key in clear", { signingKey: "abc" }, /signingKey: is in clear text.*requireSecret\("signingKey"\)/],
    [
      "a passphrase in clear",
      { signingKey: secret("abc"), signingPassphrase: "abc" },
      /signingPassphrase: is in clear text/,
    ],
    ["a passphrase of no key", { signingPassphrase: secret("abc") }, /signingPassphrase: has no signingKey/],
    [
      "what is no key",
      { signingKey: secret("hunter2-hunter2") },
      /signingKey: is neither an armored OpenPGP private key .* nor a private key of SSH/,
    ],
  ] as [string, Properties, RegExp][]) {
    it(`are refused with ${what}, before anything is asked`, async () => {
      await assert.rejects(provider.check(type, declared("1\n", wrong)), (error: Error) => {
        assert.match(error.message, finding);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }

  it("are refused with a wrong passphrase, in words that have neither it nor the key", async () => {
    const signingKey = await openPgpKey("ed25519", "right");
    const wrong = { signingKey: secret(signingKey), signingPassphrase: secret("wrong-1f2e3d") };
    await assert.rejects(provider.check(type, declared("1\n", wrong)), (error: Error) => {
      assert.match(error.message, /signingKey: [0-9A-F]{40} is not opened by the passphrase/);
      assert.doesNotMatch(error.message, /wrong-1f2e3d|PRIVATE KEY/);
      return true;
    });
  });
});
