import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { SshKey, SshKeyError } from "../../../lib/git/ssh-key";
import { requireSigners, sshKey } from "../../support/signed-commits";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("keys of SSH that sign", () => {
  const folder = temporaryDirectory();

  before(function () {
    requireSigners(this);
  });

  for (const kind of [["ed25519"], ["rsa", "-b", "3072"]]) {
    it(`${kind[0]}: sign as ssh-keygen does, to the byte`, () => {
      const { file, privateKey } = sshKey(folder(), kind);
      const text = "tree 1\n\nhello\n";
      const expected = execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", file], {
        input: text,
        encoding: "utf8",
      });
      assert.equal(SshKey.read(privateKey).signature(Buffer.from(text), "git"), expected);
    });
  }

  for (const [what, kind, passphrase, reason] of [
    ["under a passphrase", ["ed25519"], "hunter2hunter2", /under a passphrase \(aes256-ctr\).*ssh-keygen -p/],
    ["of another kind", ["ecdsa"], "", /of the kind "ecdsa-sha2-nistp256".*ssh-keygen -t ed25519/],
    ["that is too short", ["rsa", "-b", "1024"], "", /RSA key of 1024 bits, and hosts take 2048/],
  ] as [string, string[], string, RegExp][]) {
    it(`refuse one ${what}, with what to do`, () => {
      const { privateKey } = sshKey(folder(), kind, passphrase);
      assert.throws(
        () => SshKey.read(privateKey),
        (error: unknown) => {
          assert.ok(error instanceof SshKeyError);
          assert.match(error.message, reason);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
  }

  it("refuse one that was cut or damaged anywhere, in words that have nothing of it", () => {
    const { privateKey } = sshKey(folder(), ["ed25519"]);
    const [first = "", ...rest] = privateKey.trim().split("\n");
    const last = rest.pop() ?? "";
    const body = Buffer.from(rest.join(""), "base64");
    for (let length = 0; length < body.length - 24; length += 7) {
      const cut = [first, body.subarray(0, length).toString("base64"), last].join("\n");
      assert.throws(
        () => SshKey.read(cut),
        (error: unknown) => error instanceof SshKeyError && /^is not a whole private key/.test(error.message),
        String(length),
      );
    }
  });
});
