import assert from "node:assert/strict";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  generateKeyPairFiles,
  keyHint,
  keyFingerprint,
  publicKeyOf,
  publicKeyPem,
  readPrivateKey,
  readPublicKey,
} from "../../../lib/sigstore";
import { ensureKeyPair, isThrowAwayKey } from "../../../lib/sigstore/key-file";
import { readPem, writePem } from "../../../lib/sigstore/pem";
import { runClient } from "../../support/clients";
import { requireTools } from "../../support/tools";

const password = "correct horse battery staple";

describe("keys for signing", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-keys-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("are read as cosign wrote them", async function () {
    requireTools(this, "cosign");
    const prefix = path.join(folder, "of-cosign");
    await runClient("cosign", ["generate-key-pair", "--output-key-prefix", prefix], {
      COSIGN_PASSWORD: password,
    });
    const text = await readFile(`${prefix}.key`, "utf8");
    const key = await readPrivateKey(text, password, "cosign.key");
    assert.equal(publicKeyPem(publicKeyOf(key)), await readFile(`${prefix}.pub`, "utf8"));
    // The label of the first versions of cosign.
    const older = text.replaceAll("SIGSTORE", "COSIGN");
    assert.ok((await readPrivateKey(older, password, "cosign.key")).equals(key));
  });

  it("are made as cosign reads them", async function () {
    requireTools(this, "cosign");
    const { privateKey, publicKey } = await generateKeyPairFiles(password);
    const file = path.join(folder, "ours.key");
    await writeFile(file, privateKey);
    const read = await runClient("cosign", ["public-key", "--key", file], { COSIGN_PASSWORD: password });
    assert.equal(`${read}\n`, publicKey);
    await assert.rejects(runClient("cosign", ["public-key", "--key", file], { COSIGN_PASSWORD: "wrong" }));
  });

  it("are read unencrypted (PKCS#8)", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const key = await readPrivateKey(pem, undefined, "key.pem");
    assert.ok(verify("sha256", Buffer.from("a"), pair.publicKey, sign("sha256", Buffer.from("a"), key)));
    assert.match(keyHint(pair.publicKey), /^[A-Za-z0-9+/]{43}=$/);
    assert.equal(
      keyFingerprint(pair.publicKey),
      `sha256:${Buffer.from(keyHint(pair.publicKey), "base64").toString("hex")}`,
    );
  });

  describe("are refused", () => {
    let encrypted: string;
    before(async () => {
      encrypted = (await generateKeyPairFiles(password)).privateKey;
    });
    const pkcs8 = (type: "rsa" | "p384") => {
      const pair =
        type === "rsa"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ec", { namedCurve: "P-384" });
      return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    };
    const sealed = (change: (json: Record<string, Record<string, unknown>>) => void) => () => {
      const pem = readPem(encrypted);
      const json = JSON.parse(pem?.bytes.toString() ?? "") as Record<string, Record<string, unknown>>;
      change(json);
      return writePem(pem?.label ?? "", Buffer.from(JSON.stringify(json)));
    };
    const cases: [name: string, text: () => string, password: string | undefined, message: RegExp][] = [
      [
        "with a wrong password",
        () => encrypted,
        "hunter22",
        /wrong, or the file is damaged.*COSIGN_PASSWORD/,
      ],
      [
        "without a password",
        () => encrypted,
        undefined,
        /is encrypted, and there is no password: set `signer.password`/,
      ],
      ["when there is no PEM", () => "hello", password, /holds no private key \(PEM\).*generate-key-pair/],
      [
        "when it is the public one",
        () => writePem("PUBLIC KEY", Buffer.from("a")),
        password,
        /holds a public key/,
      ],
      ["in another format", () => writePem("EC PRIVATE KEY", Buffer.from("a")), password, /import-key-pair/],
      [
        "when it is damaged",
        () => writePem("PRIVATE KEY", Buffer.from("a")),
        password,
        /no usable private key/,
      ],
      ["of another algorithm", () => pkcs8("rsa"), undefined, /of type rsa; ECDSA with P-256/],
      ["of another curve", () => pkcs8("p384"), undefined, /of type ec secp384r1; ECDSA with P-256/],
      [
        "with another cipher",
        sealed((json) => (json.cipher = { name: "rot13", nonce: "" })),
        password,
        /not a key that cosign encrypted/,
      ],
      [
        "that ask for too much memory",
        sealed((json) => (json.kdf = { ...json.kdf, params: { N: 2 ** 30, r: 8, p: 1 } })),
        password,
        /scrypt parameters/,
      ],
      [
        "with a short nonce",
        sealed((json) => (json.cipher = { name: "nacl/secretbox", nonce: "AAAA" })),
        password,
        /not a key that cosign encrypted/,
      ],
    ];
    for (const [name, text, given, message] of cases) {
      it(`${name}, without a word of the secret`, async () => {
        await assert.rejects(readPrivateKey(text(), given, "my.key"), (error: Error) => {
          assert.match(error.message, message);
          assert.ok(error.message.startsWith("my.key "));
          for (const secret of [password, "hunter22"]) assert.ok(!error.message.includes(secret));
          return true;
        });
      });
    }

    it("when a public key is none", () => {
      assert.throws(
        () => readPublicKey(encrypted, "cosign.pub"),
        /holds no public key.*there is a "ENCRYPTED/,
      );
      assert.throws(
        () => readPublicKey(writePem("PUBLIC KEY", Buffer.from("a")), "cosign.pub"),
        /no usable public/,
      );
    });
  });

  it("are made on demand, once, for the owner only", async () => {
    const file = path.join(folder, "made", "cosign.key");
    await Promise.all([ensureKeyPair(file, ""), ensureKeyPair(file, ""), ensureKeyPair(file, "")]);
    const text = await readFile(file, "utf8");
    const publicFile = path.join(folder, "made", "cosign.pub");
    const publicKey = publicKeyPem(publicKeyOf(await readPrivateKey(text, "", file)));
    assert.equal(publicKeyPem(readPublicKey(await readFile(publicFile, "utf8"), publicFile)), publicKey);
    assert.ok(isThrowAwayKey(text) && isThrowAwayKey(await readFile(publicFile, "utf8")));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await rm(publicFile);
    await ensureKeyPair(file, "");
    assert.equal(await readFile(file, "utf8"), text);
    assert.equal(publicKeyPem(readPublicKey(await readFile(publicFile, "utf8"), publicFile)), publicKey);
  });
});
