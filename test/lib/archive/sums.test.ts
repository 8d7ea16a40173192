import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { formatSums, SumsError } from "../../../lib/archive/sums";
import { parseSums, summedAsset } from "../../../lib/archive/sums-reading";
import { digestOf } from "../../../lib/oci/digest";
import { runClient } from "../../support/clients";
import { requireTools } from "../../support/tools";

const hex = "a".repeat(64);
const other = "b".repeat(64);
const long = "c".repeat(128);
const asset = "tool_linux_amd64.tar.gz";

/** Text of a release's sums, signed as `gpg --clearsign` does. */
const clearSigned = (text: string) =>
  [
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "Hash: SHA512",
    "",
    text,
    "-----BEGIN PGP SIGNATURE-----",
    "",
    `${other}  ${asset}`,
    "-----END PGP SIGNATURE-----",
    "",
  ].join("\n");

describe("sums files", () => {
  it("CORE-17: MESH-14: are what sha256sum writes and checks, sorted by name", async function () {
    requireTools(this, "sha256sum", "sh");
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-sums-"));
    try {
      const files = ["b.zip", "a b.tar.gz", "a.tar.gz"];
      for (const name of files) await writeFile(path.join(folder, name), `content of ${name}`);
      const text = formatSums(files.map((name) => ({ name, digest: digestOf(`content of ${name}`) })));
      const theirs = await runClient("sh", ["-c", `cd "$0" && LC_ALL=C sha256sum *`, folder]);
      assert.equal(text, `${theirs}\n`);
      assert.deepEqual(parseSums(theirs), parseSums(text));
      await writeFile(path.join(folder, "SUMS"), text);
      const check = ["-c", `cd "$0" && sha256sum -c --strict SUMS`, folder];
      await runClient("sh", check);
      await writeFile(path.join(folder, "b.zip"), "content of B.zip");
      await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("of every algorithm are read as coreutils and openssl write them", async function () {
    requireTools(this, "sha256sum", "sha384sum", "sha512sum", "openssl", "sh");
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-sums-"));
    try {
      await writeFile(path.join(folder, asset), "content");
      for (const bits of ["256", "384", "512"]) {
        const texts = await Promise.all(
          [
            `sha${bits}sum *`,
            `sha${bits}sum -b *`,
            `sha${bits}sum --tag *`,
            `sha${bits}sum < ${asset}`,
            `openssl dgst -sha${bits} *`,
            `openssl dgst -sha${bits} < ${asset}`,
          ].map((command) => runClient("sh", ["-c", `cd "$0" && ${command}`, folder])),
        );
        const found = texts.map((text) => summedAsset(parseSums(text), asset, "sums"));
        assert.match(found[0]?.digests[0] ?? "", new RegExp(`^sha${bits}:`));
        for (const one of found) assert.deepEqual(one, found[0]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const [what, text] of [
    ["GNU, text mode", `${hex}  ${asset}`],
    ["GNU, binary mode", `${hex} *${asset}`],
    ["upper case", `${hex.toUpperCase()}  ${asset}`],
    ["a dot folder", `${hex}  ./${asset}`],
    ["a line end of Windows", `${hex}  ${asset}\r\n\r\n`],
    ["a byte-order mark", `\uFEFF${hex}  ${asset}`],
    ["a tab", `${hex}\t${asset}`],
    ["one space", `${hex} ${asset}`],
    ["three spaces", `${hex}   ${asset}`],
    ["blanks around", ` ${hex}  ${asset} `],
    ["BSD", `SHA256 (${asset}) = ${hex}`],
    ["OpenSSL 1", `SHA256(${asset})= ${hex}`],
    ["OpenSSL 3", `SHA2-256(${asset})= ${hex}`],
    ["the name first", `${asset} ${hex}`],
    ["the name first, and a tab", `${asset}\t${hex}`],
    ["the name first, and a colon", `${asset}: ${hex}`],
    ["the name first, and a colon without a blank", `${asset}:${hex}`],
    ["the name first, and an equals sign", `${asset} = ${hex}`],
    ["the algorithm in the digest", `sha256:${hex}  ${asset}`],
    ["the name first, and the algorithm in the digest", `${asset} sha256:${hex}`],
    ["the name first, a colon and the algorithm", `${asset}: sha256:${hex}`],
    ["the sum alone", hex],
    ["the sum alone, with a line end", `${hex}\n`],
    ["the sum of a pipe", `${hex}  -`],
    ["a folder", `${hex}  dist/${asset}`],
    ["folders, binary mode", `${hex} *./build/dist/${asset}`],
    ["an absolute path", `${hex}  /home/runner/dist/${asset}`],
    ["a folder in BSD's form", `SHA256 (dist/${asset}) = ${hex}`],
    ["the same path twice", `${hex}  ${asset}\n${hex}  ${asset}`],
    ["the same content in two folders", `${hex}  a/${asset}\n${hex}  b/${asset}`],
    ["the same name in a folder too", `${other}  old/${asset}\n${hex}  ${asset}`],
    ["comments", `# made by a tool\n${hex}  ${asset}\n; the end`],
    ["a comment that names a sum", `# ${other}  ${asset}\n${hex}  ${asset}`],
    ["other lines", `Sums of release 1.0\n===\n${hex}  ${asset}\nDone.`],
    [
      "certutil's lines",
      `SHA256 hash of ${asset}:\n${hex}\nCertUtil: -hashfile command completed successfully.`,
    ],
    ["sums of other files", `${other}  other.zip\n${hex}  ${asset}\n${other}  ${asset}.sbom.json`],
    [
      "sums of other algorithms",
      `${"0".repeat(32)}  ${asset}\n${"1".repeat(40)}  ${asset}\n${hex}  ${asset}`,
    ],
    [
      "BSD's of other algorithms",
      `BLAKE2b (${asset}) = ${long}\nMD5 (${asset}) = ${"0".repeat(32)}\n${hex}  ${asset}`,
    ],
    ["a label that the sum does not fit", `SHA512 (${asset}) = ${other}\n${hex}  ${asset}`],
    ["a clear signature", clearSigned(`${hex}  ${asset}`)],
    ["a clear signature, CRLF", clearSigned(`${hex}  ${asset}`).replaceAll("\n", "\r\n")],
    ["a dash-escaped line", clearSigned(`- ${hex}  ${asset}\n- --- the end`)],
  ] as const) {
    it(`are read with ${what}`, () => {
      const found = summedAsset(parseSums(text), asset, "SHA256SUMS");
      assert.deepEqual(found, { name: asset, digests: [`sha256:${hex}`] });
    });
  }

  it("are read with spaces in a name", () => {
    assert.deepEqual(parseSums(`${hex}  a  b.zip\n${hex} a (1).zip`), [
      { name: "a  b.zip", digest: `sha256:${hex}` },
      { name: "a (1).zip", digest: `sha256:${hex}` },
    ]);
  });

  it("give every sum that a file has", () => {
    const mixed = `${hex}  ${asset}\n${long}  ${asset}\nSHA384 (dist/${asset}) = ${"d".repeat(96)}`;
    assert.deepEqual(summedAsset(parseSums(mixed), asset, "sums").digests, [
      `sha256:${hex}`,
      `sha512:${long}`,
    ]);
    assert.deepEqual(summedAsset(parseSums(`${long}\n${hex}`), asset, "sums").digests, [
      `sha512:${long}`,
      `sha256:${hex}`,
    ]);
  });

  for (const [what, text, pattern, name] of [
    ["its one match", `${hex}  tool_linux.zip\n${hex}  tool_mac.zip`, "*_linux.zip", "tool_linux.zip"],
    [
      "its one match in a folder",
      `${hex}  dist/tool_linux.zip\n${hex}  dist/a.zip`,
      "tool_*",
      "tool_linux.zip",
    ],
    ["the file that its sums are named for", hex, "tool_*.zip", "tool_1.0.zip"],
  ] as const) {
    it(`are found by a pattern as ${what}`, () => {
      assert.equal(summedAsset(parseSums(text), pattern, "tool_1.0.zip.sha256").name, name);
    });
  }

  for (const [what, text, pattern, reason] of [
    ["none", `${hex}  other.zip`, asset, /no file matches "tool_linux_amd64.tar.gz"; it lists other\.zip$/],
    [
      "two matches",
      `${hex}  a.zip\n${hex}  b.zip`,
      "*.zip",
      /2 files match "\*\.zip"; they are a\.zip, b\.zip/,
    ],
    [
      "two sums of a name",
      `${hex}  ${asset}\n${other}  ${asset}`,
      asset,
      /has two different sums, sha256:a+ and sha256:b+/,
    ],
    [
      "two sums of SHA-512",
      `${hex}  ${asset}\n${long}  ${asset}\n${"d".repeat(128)}  ${asset}`,
      asset,
      /two different sums, sha512/,
    ],
    ["two contents in folders", `${hex}  a/${asset}\n${other}  b/${asset}`, asset, /two different sums/],
    ["two sums alone", `${hex}\n${other}`, asset, /two different sums/],
    ["a sum alone of any file", hex, "tool_*", /its sum has no name, so "tool_\*" can be any file/],
    ["a name in another's", `${hex}  my${asset}`, asset, /no file matches/],
    ["an absolute path for a pattern", `${hex}  /tmp/${asset}`, "tool_*", /no file matches/],
    ["a climbing path for a pattern", `${hex}  ../${asset}`, "tool_*", /no file matches/],
  ] as const) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => summedAsset(parseSums(text), pattern, "SHA256SUMS"), {
        name: "SumsError",
        message: reason,
      });
    });
  }

  for (const text of [
    "",
    "<html>",
    `${hex.slice(1)}  a.zip`,
    `${"0".repeat(32)}  a.zip`,
    `{"a.zip":"${hex}"}`,
  ]) {
    it(`are refused with nothing but ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(() => parseSums(text), {
        name: "SumsError",
        message: /there is no SHA-256, SHA-384 or SHA-512 sum/,
      });
    });
  }

  for (const names of [["a\nb"], ["a\\b"], [""], ["a", "a"]]) {
    it(`are not written for the names ${JSON.stringify(names)}`, () => {
      assert.throws(() => formatSums(names.map((name) => ({ name, digest: digestOf("") }))), SumsError);
    });
  }
});
