import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SigningKeyError } from "../../../lib/channels/openpgp/private-key";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { ended } from "../../support/apt";
import { openPgpKey } from "../../support/openpgp";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("OpenPGP keys that sign repositories", () => {
  const folder = temporaryDirectory();
  const text = "Origin: Acme\n\n- a line with a dash\nlast\n";

  for (const kind of ["ed25519", "rsa-4096"] as const) {
    it(`${kind}: gpgv takes what they sign, and the same time gives the same signature`, async function () {
      requireTools(this, "gpgv", "gpg");
      const key = await SigningKey.read(await openPgpKey(kind, "secret"), "secret");
      const now = new Date();
      const [one, two] = [await key.clearsigned(text, now), await key.clearsigned(text, now)];
      assert.equal(one, two);
      const path = (name: string) => join(folder(), name);
      await writeFile(path("key.asc"), key.publicKey);
      await writeFile(path("text"), text);
      await writeFile(path("clear"), one);
      await writeFile(path("detached"), await key.detached(text, now));
      const dearmored = await ended(toolPath("gpg"), [
        "--homedir",
        folder(),
        "--output",
        path("key.gpg"),
        "--dearmor",
        path("key.asc"),
      ]);
      assert.equal(dearmored.code, 0, dearmored.output);
      for (const files of [[path("clear")], [path("detached"), path("text")]]) {
        const { code, output } = await ended(toolPath("gpgv"), ["--keyring", path("key.gpg"), ...files]);
        assert.equal(code, 0, output);
        assert.match(output, new RegExp(key.fingerprint));
      }
      assert.equal((await key.verified(one))?.trimEnd(), text.trimEnd());
      assert.equal(await key.verified(one.replace("last", "lost")), undefined);
      assert.equal(await key.verifiesDetached(`${text}.`, await key.detached(text, now)), false);
      const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
      assert.equal(await other.verified(one), undefined);
    });
  }

  for (const [kind, reason] of [
    ["rsa-2048", /an RSA key of 2048 bits: apt warns .* February 2030.*ed25519/],
    ["new-ed25519", /in the form of RFC 9580, which the gpg and gpgv of Debian 12/],
    ["nist-p256", /a key of nistP256/],
  ] as const) {
    it(`${kind} is refused with the reason`, async () => {
      const armored = await openPgpKey(kind);
      await assert.rejects(SigningKey.read(armored, undefined), (error: unknown) => {
        assert.ok(error instanceof SigningKeyError);
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  it("an expired key signs no more; as a former one it is read, and signs as it did", async () => {
    const made = new Date(Date.now() - 3_600_000);
    const day = 86_400;
    const armored = await openPgpKey("ed25519", undefined, day);
    const later = new Date(made.getTime() + 2 * day * 1000);
    await assert.rejects(SigningKey.read(armored, undefined, later), /cannot sign: .*expired/);
    const former = await SigningKey.read(armored, undefined, null);
    const key = await SigningKey.read(armored, undefined);
    assert.deepEqual(await former.earliest(), await key.earliest());
    const bytes = Buffer.from("a header");
    assert.deepEqual(
      await former.packet(bytes, await former.earliest()),
      await key.packet(bytes, await key.earliest()),
    );
  });

  it("a key that cannot be opened, or is none, is refused without a word of what it holds", async () => {
    const armored = await openPgpKey("ed25519", "right");
    await assert.rejects(SigningKey.read(armored, undefined), /[0-9A-F]{40} is protected by a passphrase/);
    await assert.rejects(SigningKey.read(armored, "wrong"), (error: Error) => {
      assert.match(error.message, /not opened by the passphrase/);
      assert.doesNotMatch(error.message, /wrong/);
      return true;
    });
    await assert.rejects(SigningKey.read("hunter2", undefined), (error: Error) => {
      assert.match(error.message, /is not an armored OpenPGP private key/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    const { publicKey } = await SigningKey.read(armored, "right");
    await assert.rejects(SigningKey.read(publicKey, undefined), /is not an armored OpenPGP private key/);
  });
});
