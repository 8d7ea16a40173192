import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { defaultEnvironment } from "../../../lib/installers/installer";
import {
  renderPowershellInstaller,
  type PowershellDeclaration,
} from "../../../lib/installers/powershell-script";
import { powershellQuoted } from "../../../lib/text/powershell-word";

const publicKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();

const artifact = (architecture: string, more: Partial<PowershellDeclaration["artifacts"][number]> = {}) => ({
  platform: `windows/${architecture}`,
  name: `hello_1.2.0_windows_${architecture}.zip`,
  digest: `sha256:${(architecture === "amd64" ? "a" : "b").repeat(64)}`,
  format: "zip" as const,
  programs: ["bin/hello.exe"],
  ...more,
});

const declared: PowershellDeclaration = {
  name: "hello",
  version: "1.2.0",
  homepage: "https://acme.example/hello",
  environment: defaultEnvironment("hello"),
  directory: "%LOCALAPPDATA%\\Programs\\hello",
  artifacts: [artifact("amd64"), artifact("arm64", { root: "hello-1.2.0" })],
  hosts: ["https://github.com/acme/hello/releases/download/v1.2.0", "https://mirror.example/hello/1.2.0"],
  sumsFile: "SHA256SUMS",
  publicKey,
};

/** A script in parts, as PowerShell reads it: what is code, and what is text in which names stand for values. */
interface Read {
  code: string;
  expanded: string[];
}

/**
 * Reads strings, here-strings and comments of a script by the rules of about_Quoting_Rules; a string that has no end is an error.
 */
function read(script: string): Read {
  const token = /#[^\n]*|@'\n[^]*?\n'@|'(?:[^']|'')*'|"(?:[^"`]|`[^]|"")*"|[^#'"@]+|@/gy;
  const expanded: string[] = [];
  let code = "";
  while (token.lastIndex < script.length) {
    const at = token.lastIndex;
    const [text = ""] = token.exec(script) ?? [];
    if (text === "") throw new Error(`a string has no end: ${script.slice(at, at + 60)}`);
    if (text.startsWith('"')) expanded.push(text);
    code += /^(#|@'|'|")/.test(text) ? " '' " : text;
  }
  return { code, expanded };
}

/** Commands of PowerShell that a script may use, which 5.1 and 7 have alike. */
const cmdlets = [
  ...["Copy-Item", "ConvertFrom-Json", "Expand-Archive", "ForEach-Object", "Get-ChildItem", "Get-Command"],
  ...[
    "Get-Content",
    "Get-FileHash",
    "Invoke-WebRequest",
    "Join-Path",
    "Move-Item",
    "New-Item",
    "Remove-Item",
  ],
  ...["Set-StrictMode", "Split-Path", "Test-Path", "Where-Object", "Write-Output", "Write-Warning"],
];

/** Verbs of Get-Verb that functions of a script have (PSUseApprovedVerbs). */
const verbs = /^(Confirm|Expand|Find|Get|Install|Move|Remove|Resolve|Save|Uninstall|Update|Use)-[A-Z]/;

/** A line that begins with one of these is a command by a shorter name (PSAvoidUsingCmdletAliases). */
const aliases =
  /(^|[|{(;=])\s*(cat|cd|cp|curl|del|dir|echo|gc|gci|iex|irm|iwr|ls|mkdir|mv|ni|rm|select|where|wget|\?|%)\s/m;

describe("an installer for PowerShell", () => {
  const forms: Record<string, Partial<PowershellDeclaration>> = {
    "with a key": {},
    "without a key": { publicKey: undefined },
    "of a host without an address of the latest": { hosts: ["https://downloads.example/hello/1.2.0"] },
    "of a tar archive and a bare program": {
      artifacts: [
        artifact("amd64", { format: "tar.gz", name: "hello_1.2.0_windows_amd64.tar.gz" }),
        artifact("arm64", { format: "binary", name: "hello.exe", programs: ["hello.exe"] }),
      ],
    },
    "in a folder with quotes and names of variables": { directory: "%USERPROFILE%\\it's $(calc) `n" },
    "of hosts with quotes": { hosts: ["https://mirror.example/it's/'/1.2.0"] },
  };

  for (const [what, more] of Object.entries(forms)) {
    describe(what, () => {
      const script = renderPowershellInstaller({ ...declared, ...more });
      const { code, expanded } = read(script);

      it("has every brace, bracket and string closed, and is one block after its parameters", () => {
        const open: string[] = [];
        const pairs: Readonly<Record<string, string>> = { "}": "{", ")": "(", "]": "[" };
        for (const [index, character] of [...code].entries()) {
          if ("{([".includes(character)) open.push(character);
          if (character in pairs)
            assert.equal(open.pop(), pairs[character], code.slice(index - 60, index + 1));
        }
        assert.deepEqual(open, []);
        assert.match(script, /^# Installs hello [^\n]*\nparam\(\n[^)]*\n\)\n& \{\n[^]*\n\}\n$/);
      });

      it("uses the commands that both have, by their names, and functions that it has; each function is used", () => {
        const functions = [...code.matchAll(/function ([\w-]+)/g)].map(([, name = ""]) => name);
        assert.deepEqual(
          functions.filter((name, index) => functions.indexOf(name) !== index || cmdlets.includes(name)),
          [],
        );
        for (const name of functions) assert.match(name, verbs);
        const used = [...code.matchAll(/(?<![\w$-])([A-Z][a-z]+-[A-Z]\w+)/g)].map(([, name = ""]) => name);
        for (const name of used) assert.ok([...cmdlets, ...functions].includes(name), name);
        for (const name of functions)
          assert.ok(used.filter((one) => one === name).length > 1, `${name} is not used`);
        assert.doesNotMatch(code, aliases);
      });

      it("names no drive where a colon follows a variable, and is in ASCII", () => {
        for (const text of expanded)
          assert.doesNotMatch(text, /\$(?!env:|script:|\{)\w+:/, "a variable with a colon is one of a drive");
        assert.match(script, /^[\n\x20-\x7E]*$/);
      });

      it("runs no text, and asks the network by nothing but Invoke-WebRequest", () => {
        assert.doesNotMatch(code, /Invoke-Expression|Start-Process|WebClient|-Encoded|ScriptBlock/i);
        assert.equal(code.match(/Invoke-WebRequest/g)?.length, 1);
      });
    });
  }

  it("asks the hosts in their order, for the version that it is told", () => {
    const script = renderPowershellInstaller(declared);
    assert.match(
      script,
      /\('https:\/\/github\.com\/acme\/hello\/releases\/latest\/download'\)\n[^]*\('https:\/\/github\.com\/acme\/hello\/releases\/download\/v' \+ \$Wanted \+ ''\)\n\s+\('https:\/\/mirror\.example\/hello\/' \+ \$Wanted \+ ''\)\n/,
    );
    assert.match(
      script,
      /'windows\/arm64' \{\n\s+return @\{\n\s+File = 'hello_' \+ \$Wanted \+ '_windows_arm64\.zip'\n\s+Format = 'zip'\n\s+Rooted = \$true\n\s+Sum = 'b{64}'\n/,
    );
    assert.match(script, /Security\.?Protocol[^]*Tls12/i);
    assert.ok(script.includes(`@'\n${publicKey.trim()}\n'@\n`));
    assert.match(script, /\$env:HELLO_VERSION [^]*\$env:HELLO_INSTALL_DIR /);
    assert.doesNotMatch(
      renderPowershellInstaller({ ...declared, publicKey: undefined }),
      /openssl|SkipSignature/,
    );
  });

  for (const [text, expected] of [
    ["plain", "'plain'"],
    ["it's", "'it''s'"],
    ["'; calc; '", "'''; calc; '''"],
    ['$(calc) `n "x"', "'$(calc) `n \"x\"'"],
    // PowerShell ends a string with these too.
    ["a\u2019; calc; \u2018", "'a\u2019\u2019; calc; \u2018\u2018'"],
    ["\u201A\u201B", "'\u201A\u201A\u201B\u201B'"],
    ["", "''"],
  ] as const) {
    it(`quotes ${JSON.stringify(text)}`, () => assert.equal(powershellQuoted(text), expected));
  }

  for (const [what, more, message] of [
    [
      "a format that Windows does not unpack",
      { artifacts: [artifact("amd64", { format: "tar.zst" as never })] },
      /archive.*install\.ps1 unpacks zip, tar\.gz, binary, and not tar\.zst/,
    ],
    [
      "a name with a command in it",
      { artifacts: [artifact("amd64", { name: "a'; calc; '.zip" })] },
      /archive.*names of letters, digits and \._~-/,
    ],
    ["a path that goes up", { artifacts: [artifact("amd64", { programs: ["../a.exe"] })] }, /archive/],
    ["a version with a command in it", { version: "1'; calc" }, /version/],
    [
      "what a code page changes",
      { directory: "%USERPROFILE%\\Gr\u00FC\u00DFe" },
      /"\u00FC\u00DF" is read as something else/,
    ],
  ] as [string, Partial<PowershellDeclaration>, RegExp][]) {
    it(`refuses ${what}`, () => {
      assert.throws(() => renderPowershellInstaller({ ...declared, ...more }), message);
    });
  }
});
