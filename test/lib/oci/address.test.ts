import assert from "node:assert/strict";
import { join } from "node:path";
import {
  AddressError,
  formatAddress,
  openRepository,
  parseAddress,
  type Address,
} from "../../../lib/oci/address";
import { OciArchive } from "../../../lib/oci/archive/archive";
import { OciLayout } from "../../../lib/oci/layout";
import { RegistryClient } from "../../../lib/oci/registry/client";
import { temporaryFolder } from "./assembly/temporary-folder";
import { putImage } from "./archive/fixtures";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

const valid: { text: string; address: Address; written?: string }[] = [
  {
    text: "ghcr.io/acme/hello:v1",
    address: { kind: "registry", repository: { registry: "ghcr.io", path: "acme/hello" }, tag: "v1" },
  },
  {
    text: `localhost:5000/hello@${digest}`,
    address: { kind: "registry", repository: { registry: "localhost:5000", path: "hello" }, digest },
  },
  {
    text: "alpine",
    address: { kind: "registry", repository: { registry: "docker.io", path: "library/alpine" } },
    written: "docker.io/library/alpine",
  },
  { text: "oci-layout:image", address: { kind: "layout", path: "image" } },
  { text: "oci-layout:./image:v1", address: { kind: "layout", path: "./image", tag: "v1" } },
  { text: `oci-layout:/a/b@${digest}`, address: { kind: "layout", path: "/a/b", digest } },
  { text: "oci-archive:image.tar", address: { kind: "archive", path: "image.tar" } },
  { text: "oci-archive:../x/image.tar:v1", address: { kind: "archive", path: "../x/image.tar", tag: "v1" } },
  {
    text: `oci-archive:/a b/ü.tar:v1@${digest}`,
    address: { kind: "archive", path: "/a b/ü.tar", tag: "v1", digest },
  },
  { text: "oci-layout:/a:b/image", address: { kind: "layout", path: "/a:b/image" } },
  { text: "oci-layout:/a:b/image:v1", address: { kind: "layout", path: "/a:b/image", tag: "v1" } },
  { text: "oci-archive:me@home/x.tar:v1", address: { kind: "archive", path: "me@home/x.tar", tag: "v1" } },
  { text: "oci-archive:me@home.tar:v1", address: { kind: "archive", path: "me@home.tar", tag: "v1" } },
];

const invalid: { text: string; reason: RegExp }[] = [
  { text: "", reason: /repository "" is not valid/ },
  { text: "oci-layout:", reason: /it has no path/ },
  { text: "oci-archive::v1", reason: /it has no path/ },
  { text: `oci-archive:@${digest}`, reason: /it has no path/ },
  { text: "oci-archive:x.tar:v 1", reason: /tag "v 1" is not valid/ },
  { text: "oci-archive:x.tar:", reason: /tag "" is not valid/ },
  { text: "oci-layout:x@sha256:1234", reason: /digest "sha256:1234" is not valid/ },
  { text: "oci-layout:x@sha512:1234", reason: /digest "sha512:1234" is not valid/ },
  { text: "oci-archive:x.tar.gz", reason: /ends in ".tar", not in ".tar.gz": it is not compressed/ },
  { text: "oci-archive:x.tgz:v1", reason: /ends in ".tar", not in ".tgz"/ },
  { text: "ghcr.io/Acme/hello", reason: /upper-case letters, which no registry accepts: use "acme\/hello"/ },
  { text: "docker://ghcr.io/acme/hello", reason: /write the reference without docker:\/\// },
  { text: "oci:./image:v1", reason: /an image layout is written "oci-layout:PATH"/ },
  { text: "docker-archive:./x.tar", reason: /"oci-archive:PATH.tar"; it has to be of Docker 25 or newer/ },
  { text: "https://ghcr.io/acme/hello", reason: /write the host without https:\/\// },
];

describe("address", () => {
  for (const { text, address, written = text } of valid) {
    it(`is read and written: ${text}`, () => {
      assert.deepEqual(parseAddress(text), address);
      assert.equal(formatAddress(address), written);
    });
  }

  for (const { text, reason } of invalid) {
    it(`is refused: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseAddress(text),
        (error: unknown) => {
          assert.ok(error instanceof AddressError, String(error));
          assert.ok(error.message.startsWith(`address ${JSON.stringify(text)}: `), error.message);
          assert.match(error.message, reason);
          assert.match(
            error.message,
            /valid examples: "ghcr.io\/acme\/hello:v1", "oci-layout:.*", "oci-archive:/,
          );
          return true;
        },
      );
    });
  }

  describe("opened", () => {
    const folder = temporaryFolder();

    it("is a repository of a registry, a layout or an archive", async () => {
      const registryClient = new RegistryClient();
      const options = { registryClient, baseDirectory: folder() };
      try {
        const registry = await openRepository("ghcr.io/acme/hello:v1", options);
        assert.equal(registry.name, "ghcr.io/acme/hello");
        assert.equal(registry.seal, undefined);
        const layout = await openRepository("oci-layout:image:v1", options);
        assert.ok(layout instanceof OciLayout);
        assert.equal(layout.name, `oci-layout:${join(folder(), "image")}`);
        const archive = await openRepository(parseAddress("oci-archive:out/image.tar:v1"), {
          ...options,
          archive: { repoTags: (tag) => `acme/hello:${tag}` },
        });
        assert.ok(archive instanceof OciArchive);
        await putImage(archive, folder(), "linux/amd64", { tag: "v1" });
        const sealed = await archive.seal();
        assert.deepEqual(sealed?.repoTags, ["acme/hello:v1"]);
        assert.equal(sealed.path, join(folder(), "out/image.tar"));
        await assert.rejects(openRepository("oci-layout:", options), AddressError);
      } finally {
        await registryClient.close();
      }
    });
  });
});
