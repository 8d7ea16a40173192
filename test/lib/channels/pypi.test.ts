import assert from "node:assert/strict";
import { parseCoreMetadata } from "../../../lib/channels/pypi/core-metadata";
import { parseFileName } from "../../../lib/channels/pypi/distribution-file";
import { wordsOf } from "../../../lib/text/answer-words";
import { parseIndexPage } from "../../../lib/channels/pypi/index-page";
import { checkIndexAddress, indexRules } from "../../../lib/channels/pypi/index-rules";
import { checkProjectName, fileNamePart, projectKey } from "../../../lib/channels/pypi/name";
import { filesOfVersion, planRelease } from "../../../lib/channels/pypi/release-plan";
import { isSameVersion, parsePythonVersion, pythonVersionOf } from "../../../lib/channels/pypi/version";

const hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const digest = `sha256:${hash}`;
const base = new URL("https://pypi.example/simple/hello/");

describe("versions of Python packages", () => {
  for (const [version, python] of [
    ["1.2.0", "1.2.0"],
    ["v1.2.0", "1.2.0"],
    ["1.2.0-rc.1", "1.2.0rc1"],
    ["1.2.0-alpha", "1.2.0a0"],
    ["1.2.0-beta.10", "1.2.0b10"],
    ["1.2.0-pre.2", "1.2.0rc2"],
    ["1.2.0-dev.3", "1.2.0.dev3"],
    ["v2022.04.1", "2022.4.1"],
  ] as const) {
    it(`are ${python} for ${version}`, () => assert.equal(pythonVersionOf(version), python));
  }

  for (const [version, reason] of [
    ["1.2.0-1", /for Python it would be 1\.2\.0\.post1, newer than the release/],
    ["1.2.0-post.1", /newer than the release/],
    ["1.2.0+abc", /has a local label \(\+abc\)/],
    ["1.2.0-nightly.5", /is not a version of a Python package/],
    ["latest", /is not a version of a Python package/],
  ] as const) {
    it(`are refused for ${version}`, () => assert.throws(() => pythonVersionOf(version), reason));
  }

  it("are normalized as PEP 440 has it", () => {
    const texts = [
      "1.0-ALPHA_1",
      "1!2.0",
      "01.002",
      "1.0.post",
      "1.0r4",
      "1.0-1",
      "1.0.dev",
      "1.0+Ubuntu-1",
      "0!1.0",
    ];
    assert.deepEqual(
      texts.map((text) => parsePythonVersion(text)?.text),
      ["1.0a1", "1!2.0", "1.2", "1.0.post0", "1.0.post4", "1.0.post1", "1.0.dev0", "1.0+ubuntu.1", "1.0"],
    );
    assert.ok(isSameVersion("1.0", "1.0.0"));
    assert.ok(!isSameVersion("1.0", "1.0rc1"));
    assert.ok(!isSameVersion("nothing", "nothing"));
    assert.equal(parsePythonVersion(`1${".0".repeat(100)}`), undefined);
  });
});

describe("names of Python projects and their files", () => {
  it("are one name however they are written", () => {
    assert.equal(projectKey("Hello.._World"), "hello-world");
    assert.equal(fileNamePart("Hello-World"), "hello_world");
    for (const name of ["a", "A1", "zope.interface"]) checkProjectName(name);
    for (const name of ["", "-a", "a-", "a b", "ä"])
      assert.throws(() => checkProjectName(name), /is not a name of a Python/);
  });

  it("are read from file names", () => {
    assert.deepEqual(parseFileName("hello_world-1.2.0-1-py2.py3-none-any.whl"), {
      name: "hello_world-1.2.0-1-py2.py3-none-any.whl",
      type: "bdist_wheel",
      pythonVersion: "py2.py3",
      project: "hello_world",
      version: "1.2.0",
    });
    const { project, version, type } = parseFileName("hello-world-1.2.0rc1.tar.gz");
    assert.deepEqual([project, version, type], ["hello-world", "1.2.0rc1", "sdist"]);
    for (const name of ["hello-1.0.zip", "hello-1.0-py3-none.whl", "hello.tar.gz", "hello-1.0.exe"])
      assert.throws(() => parseFileName(name), /is neither a wheel nor an sdist/);
  });
});

describe("core metadata", () => {
  it("is read with folded lines, several values and a description", () => {
    const text =
      "Metadata-Version: 2.1\r\nName: hello\r\nVersion: 1.0\r\nLicense: MIT\r\n        and more\r\n" +
      "Classifier: A\r\nClassifier: B\r\nLicense-File: LICENSE\r\nProject-URL: Source, https://x.example\r\n" +
      "X-Unknown: 1\r\n\r\nName: not a header\r\n";
    const { name, version, fields } = parseCoreMetadata(text, "METADATA");
    assert.deepEqual([name, version], ["hello", "1.0"]);
    assert.deepEqual(fields, [
      ["metadata_version", "2.1"],
      ["name", "hello"],
      ["version", "1.0"],
      ["license", "MIT\n        and more"],
      ["classifiers", "A"],
      ["classifiers", "B"],
      ["project_urls", "Source, https://x.example"],
      ["description", "Name: not a header\n"],
    ]);
  });

  it("is refused without a name, or with two", () => {
    const head = "Metadata-Version: 2.4\nVersion: 1\n";
    assert.throws(() => parseCoreMetadata(head, "METADATA"), /METADATA has no name/);
    assert.throws(() => parseCoreMetadata(`${head}Name: a\nName: b\n`, "METADATA"), /has more than one name/);
  });
});

describe("pages of an index of Python packages", () => {
  it("are read as JSON", () => {
    const page = {
      meta: { "api-version": "1.4" },
      files: [
        {
          filename: "hello-1.0.tar.gz",
          url: "../../f/hello-1.0.tar.gz",
          hashes: { sha256: hash.toUpperCase() },
          yanked: "bad",
          "upload-time": "2026-01-02T03:04:05.6Z",
        },
        {
          filename: "hello-1.1.tar.gz",
          url: "https://files.example/hello-1.1.tar.gz",
          hashes: {},
          yanked: false,
        },
        { filename: 1 },
        null,
      ],
    };
    const files = parseIndexPage(
      Buffer.from(JSON.stringify(page)),
      "application/vnd.pypi.simple.v1+json",
      base,
    );
    assert.deepEqual(files, [
      {
        name: "hello-1.0.tar.gz",
        url: new URL("https://pypi.example/f/hello-1.0.tar.gz"),
        digest,
        yanked: "bad",
        uploadedAt: "2026-01-02T03:04:05.6Z",
      },
      { name: "hello-1.1.tar.gz", url: new URL("https://files.example/hello-1.1.tar.gz") },
    ]);
  });

  it("are read as HTML, as indexes of all kinds write it", () => {
    const page = `<!DOCTYPE html><html><body><a href="/f/hello-1.0%2Bx.tar.gz#sha256=${hash}" data-yanked="a &quot;b&quot; &#x3c;" >hello</a>
      <A data-requires-python='&gt;=3' HREF='hello-1.1.tar.gz#md5=00'>x</A><a name="top">no</a><a href="https://[bad">no</a></body></html>`;
    assert.deepEqual(parseIndexPage(Buffer.from(page), "text/html; charset=utf-8", base), [
      {
        name: "hello-1.0+x.tar.gz",
        url: new URL("https://pypi.example/f/hello-1.0%2Bx.tar.gz"),
        digest,
        yanked: 'a "b" <',
      },
      { name: "hello-1.1.tar.gz", url: new URL("https://pypi.example/simple/hello/hello-1.1.tar.gz") },
    ]);
  });

  it("that are none are refused", () => {
    for (const text of ["{}", '{"meta":{"api-version":"2.0"},"files":[]}', "null", "[", '"text"'])
      assert.throws(() => parseIndexPage(Buffer.from(text), "application/json", base));
  });
});

describe("the plan of a Python release", () => {
  const [wheel, sdist] = ["hello-1.0-py3-none-any.whl", "hello-1.0.tar.gz"] as const;
  const listed = (name: string, uploadedAt?: string, there = digest) => ({
    name,
    url: new URL(name, base),
    digest: there,
    ...(uploadedAt !== undefined && { uploadedAt }),
  });
  const desired = [wheel, sdist].map((name) => ({ name, digest }));
  const rules = indexRules(new URL("https://upload.pypi.org/legacy/"));

  it("takes what PyPI may still get, and refuses it with the date after 14 days", () => {
    const there = [listed(wheel, "2026-06-01T10:00:00Z")];
    const early = planRelease(desired, there, rules, "pypi.org", new Date("2026-06-15T09:59:00Z"));
    assert.deepEqual(early, { kept: [wheel], missing: [sdist], refusals: [] });
    const late = planRelease(desired, there, rules, "pypi.org", new Date("2026-06-15T10:01:00Z"));
    assert.deepEqual(late.refusals, [
      "pypi.org takes no further file for this version since 2026-06-15, 14 days after its first one, and " +
        "hello-1.0.tar.gz is not there: publish a new version with all of its files",
    ]);
    const own = indexRules(new URL("https://pypi.acme.example/"));
    assert.deepEqual(
      planRelease(desired, there, own, "pypi.acme.example", new Date("2027-01-01")).refusals,
      [],
    );
  });

  it("refuses other bytes, and is done where all is there however old", () => {
    const other = digest.replace(/4/g, "5");
    const conflict = planRelease(desired, [listed(wheel, undefined, other)], rules, "pypi.org");
    assert.match(conflict.refusals.join(), new RegExp(`${other}, and this program has it with ${digest}`));
    const old = [listed(wheel, "2020-01-01T00:00:00Z"), listed(sdist)];
    assert.deepEqual(planRelease(desired, old, rules, "pypi.org"), {
      kept: [wheel, sdist],
      missing: [],
      refusals: [],
    });
  });

  it("looks at the files of the version alone", () => {
    const names = [
      "hello-1.0.0-py3-none-any.whl",
      "Hello-1.0.tar.gz",
      "hello-1.1.tar.gz",
      "hello-1.0.tar.gz.asc",
    ];
    const found = filesOfVersion(
      names.map((name) => listed(name)),
      "hello",
      "1.0",
    );
    assert.deepEqual(
      found.map(({ name }) => name),
      names.slice(0, 2),
    );
  });
});

describe("what an index of Python packages says", () => {
  it("is found in HTML, JSON and text, on one line", () => {
    assert.equal(
      wordsOf(Buffer.from("<html><title>400 File already exists</title><p>x")),
      "400 File already exists",
    );
    assert.equal(
      wordsOf(Buffer.from("<!DOCTYPE html><title>Error</title><pre>Package &#039;x&#039;\n exists</pre>")),
      "Package 'x' exists",
    );
    assert.equal(wordsOf(Buffer.from('{"message":"no"}')), "no");
    assert.equal(wordsOf(Buffer.from("no\nmore")), "no more");
    assert.equal(wordsOf(Buffer.from("x".repeat(1000))).length, 401);
  });

  it("is asked at an address that is one", () => {
    checkIndexAddress("https://pypi.org/simple");
    for (const address of ["pypi.org", "ftp://x.example", "https://u@x.example", "https://x.example?a"])
      assert.throws(() => checkIndexAddress(address), /a valid example: "https:/);
  });
});
