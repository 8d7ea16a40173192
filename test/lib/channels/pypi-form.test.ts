import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseFileName, readCoreMetadata } from "../../../lib/channels/pypi/distribution-file";
import { UploadForm } from "../../../lib/channels/pypi/upload-form";
import { collectBytes } from "../../../lib/oci/collected-bytes";
import { digestOf } from "../../../lib/oci/digest";
import {
  buildPythonProject,
  requirePythonTools,
  runPythonTool,
  writePythonProject,
} from "../../support/python-packages";

/** Prints the fields of a form in a file, and those that twine would send with the same distribution file. */
const comparison = `
import email, email.policy, json, sys
from twine.package import PackageFile
from twine.repository import Repository

content_type, form, file = sys.argv[1:]
body = b"content-type: " + content_type.encode() + b"\\r\\n\\r\\n" + open(form, "rb").read()
parts = email.message_from_bytes(body, policy=email.policy.HTTP).get_payload()
ours, content = [], None
for part in parts:
    name = part.get_param("name", header="content-disposition")
    if name == "content":
        content = part.get_payload(decode=True) == open(file, "rb").read() and part.get_filename()
    else:
        ours.append([name, part.get_payload(decode=True).decode()])
data = PackageFile.from_filename(file, None).metadata_dictionary()
theirs = Repository._convert_metadata_to_list_of_tuples(data)
theirs += [(":action", "file_upload"), ("protocol_version", "1")]
# Of the digests one is enough.
theirs = [list(field) for field in theirs if field[0] != "blake2_256_digest"]
print(json.dumps({"ours": sorted(ours), "theirs": sorted(theirs), "content": content}))
`;

describe("the upload form of an index of Python packages", () => {
  let root: string;

  before(async function () {
    this.timeout(60_000);
    requirePythonTools(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-form-test-"));
    await writePythonProject(root, "hello-world", "1.2.0rc1");
    await buildPythonProject(root);
  });
  after(async () => {
    if (root) await rm(root, { recursive: true, force: true });
  });

  for (const name of ["hello_world-1.2.0rc1-py3-none-any.whl", "hello_world-1.2.0rc1.tar.gz"]) {
    it(`says of ${name} what twine says`, async () => {
      const file = path.join(root, "dist", name);
      const digest = digestOf(await readFile(file));
      const { size } = await stat(file);
      const form = new UploadForm({
        path: file,
        size,
        digest,
        file: parseFileName(name),
        metadata: await readCoreMetadata(file),
      });
      const bytes = await collectBytes(form.open(), 1e6, () => new Error("too large"));
      assert.equal(bytes.length, form.length);
      assert.equal(form.sentDigest, digest);
      await writeFile(path.join(root, "form"), bytes);
      const printed = await runPythonTool("-c", comparison, form.contentType, path.join(root, "form"), file);
      const { ours, theirs, content } = JSON.parse(printed) as Record<string, unknown>;
      assert.deepEqual(ours, theirs);
      assert.equal(content, name);
    });
  }
});
