import assert from "node:assert/strict";
import { SecretTexts } from "../../../lib/text/secret-texts";
import { shownText } from "../../../lib/text/shown";

describe("secret texts", () => {
  function textsOf(value: unknown): SecretTexts {
    const texts = new SecretTexts();
    texts.addValue(value);
    return texts;
  }

  const cases: [string, unknown, string, string][] = [
    ["a text", "hunter2", "password hunter2 refused", "password [secret] refused"],
    ["every occurrence", "hunter2", "hunter2 hunter2", "[secret] [secret]"],
    ["as JSON quotes it", `a"b\nc`, `given: "a\\"b\\nc"`, `given: "[secret]"`],
    ["deep inside", { a: [{ b: "hunter2" }] }, "is hunter2", "is [secret]"],
    ["a line of a key", "-----BEGIN-----\nAAAABBBBCCCC\n", "read AAAABBBBCCCC", "read [secret]"],
    ["the longest first", ["hunter2", "hunter2-long"], "is hunter2-long", "is [secret]"],
    ["no text that words are made of", "a", "a banana", "a banana"],
    ["no short line of a key", "some\nlines here\n", "some of it", "some of it"],
    ["nothing of what is not text", 8080, "port 8080", "port 8080"],
    ["nothing else", "hunter2", "visible", "visible"],
  ];
  const parts: [string, unknown, string, string][] = [
    ["a token in an argument", "--token=ghs_Tok4455", "got ghs_Tok4455", "got [secret]"],
    ["a token in a header", "Authorization: Bearer ghs_Tok4455", "got ghs_Tok4455", "got [secret]"],
    ["a header in an argument", "--header=X-Auth: Bearer ghs_Tok4455", "got ghs_Tok4455", "got [secret]"],
    ["a query", "https://h.example/a?token=ghs_Tok4455&v=1", "a?token=ghs_Tok4455", "a?token=[secret]"],
    ["a path", "https://h.example/UrlTokenZZ99/health", "no /UrlTokenZZ99/health", "no /[secret]/health"],
    ["a password in an address", "https://joe:p%40ssword1@h.example/", "p@ssword1", "[secret]"],
    ["Basic", `Basic ${Buffer.from("joe:password1").toString("base64")}`, "password1", "[secret]"],
    ["a line of a file", "key=Val1secret\r\nmore=Val2secret", "is Val2secret", "is [secret]"],
    [
      "Docker's configuration",
      JSON.stringify({ auths: { "r.example": { auth: Buffer.from("joe:password1").toString("base64") } } }),
      "joe:password1",
      "joe:[secret]",
    ],
    [
      "no setting in a file",
      "env=production\ntoken=secretword",
      "production secretword",
      "production [secret]",
    ],
    ["no short part", "--level=debug", "debug is on", "debug is on"],
    ["no word of a path", "https://h.example/releases/download", "releases/download", "releases/download"],
  ];
  for (const [what, value, text, expected] of parts) {
    it(`knows what a secret is composed of: ${what}`, () => {
      assert.equal(textsOf(value).blot(text), expected);
    });
  }

  it("takes no time with a text of many parts", () => {
    const started = performance.now();
    textsOf("a=".repeat(100_000)).blot("nothing");
    assert.ok(performance.now() - started < 5_000);
  });

  it("does not show the password of an address that nobody marked as secret", () => {
    const shown = (text: string) => shownText(text, new SecretTexts());
    assert.equal(shown("from http://joe:pw88@host/ is"), "from http://joe:[secret]@host/ is");
    assert.equal(shown("at http://host:80/a@b is"), "at http://host:80/a@b is");
  });

  const secret = `pa"ß w'\\rd/+?`;
  const bytes = Buffer.from(secret);
  const base64 = (before: string, encoding: "base64" | "base64url" = "base64") =>
    Buffer.from(`${before}${secret}, and more`).toString(encoding);
  const encodings: [string, string][] = [
    ["JSON", JSON.stringify({ secret })],
    ["JSON in JSON", JSON.stringify({ line: JSON.stringify({ secret }) })],
    [
      "JSON with all but ASCII escaped",
      JSON.stringify(secret).replaceAll("ß", "\\u00df").replaceAll("/", "\\/").replaceAll("'", "\\u0027"),
    ],
    ["percent-encoding", encodeURIComponent(secret)],
    ["percent-encoding in lower case", encodeURIComponent(secret).toLowerCase()],
    [
      "percent-encoding of everything",
      [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    ],
    ["a form", new URLSearchParams({ secret }).toString()],
    [
      "a query in JSON",
      JSON.stringify({ url: `https://example.com/?${new URLSearchParams({ secret }).toString()}` }),
    ],
    ["HTML", `<b>pa&quot;ß w&#39;\\rd/+?</b>`],
    ["what a shell traces", `+ echo 'pa"ß w'\\''\\rd/+?'`],
    ["hexadecimal", bytes.toString("hex")],
    ["hexadecimal in upper case", bytes.toString("hex").toUpperCase()],
    ...["", "a", "ab", "abc", "user:"].flatMap((before): [string, string][] => [
      [`base64 after ${JSON.stringify(before)}`, base64(before)],
      [`base64url after ${JSON.stringify(before)}`, base64(before, "base64url")],
    ]),
    ["base64 over several lines", base64("").replace(/.{8}/g, "$&\n")],
    ["the middle of a line that was broken", `${secret.slice(0, 6)}\r\n    ${secret.slice(6)}`],
  ];
  for (const [what, text] of encodings) {
    it(`blots out what is encoded as ${what}`, () => {
      const blotted = textsOf(secret).blot(`before ${text} after`);
      assert.match(blotted, /^before .*\[secret\].* after$/s);
      const left = blotted.slice("before ".length, -" after".length).replaceAll("[secret]", "");
      // What stands around the secret, and nothing of it.
      for (let at = 0; at + 4 <= text.length; at++) {
        const part = text.slice(at, at + 4);
        if (left.includes(part)) assert.ok(!textsOf(secret).isIn(`${part}…`), `${part} is left: ${blotted}`);
      }
      assert.ok(!left.includes("rd/") && !left.includes(bytes.toString("hex").slice(4, 12)), blotted);
    });
  }

  it("finds what a JSON text calls a password", () => {
    const texts = textsOf(JSON.stringify([{ host: "ghcr.io", password: "hunter2" }]));
    assert.equal(texts.blot("hunter2 at ghcr.io"), "[secret] at ghcr.io");
  });

  it("blots out the start of a secret that was cut off", () => {
    assert.equal(textsOf("hunter2-long").blot(`is "hunter2-l…`), `is "[secret]…`);
  });

  it("leaves no bits of a secret beside its base64", () => {
    for (const around of ["x", "xy", "xyz"]) {
      const [first, second] = ["hunter2", "zebra77"].map((text) =>
        textsOf(text).blot(Buffer.from(around + text + around).toString("base64")),
      );
      assert.equal(first, second);
      assert.match(first ?? "", /\[secret\]/);
    }
  });

  const starts: [string, boolean][] = [
    ["all of hunter2", false],
    ["some of hunt", true],
    ["some of hun\n  te", true],
    [`in base64: ${Buffer.from("hunter2").toString("base64").slice(0, 5)}`, true],
    ["nothing", false],
  ];
  for (const [text, expected] of starts) {
    it(`sees ${expected ? "that" : "no"} secret may go on after ${JSON.stringify(text)}`, () =>
      assert.equal(textsOf("hunter2").mayContinue(text), expected));
  }

  for (const [what, value, text, expected] of cases) {
    it(`blots out ${what}`, () => assert.equal(textsOf(value).blot(text), expected));
  }
});
