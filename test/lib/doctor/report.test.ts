import assert from "node:assert/strict";
import type { Finding } from "../../../lib/doctor/finding";
import { failed, findOut } from "../../../lib/doctor/question";
import { doctorMarkdown, doctorText, isRefused, sumOf } from "../../../lib/doctor/report";
import { SetupError } from "../../../lib/machine/setup-error";

const findings: Finding[] = [
  { check: "tool", about: "git", status: "ok", text: "git version 2.39" },
  {
    check: "registry",
    about: "ghcr.io/acme/app",
    status: "failure",
    text: "HTTP 403",
    remedy: "Ask <the owner> | nobody.",
  },
  { check: "npm", about: "registry.npmjs.org", status: "not asked", text: "only a publication says that" },
  { check: "disk", about: "/tmp", status: "warning", text: "1.0 GB are free" },
];

describe("the report of slipway doctor", () => {
  it("is a table with what to do below", () => {
    assert.equal(
      doctorText(findings),
      [
        "ok    tool      git                 git version 2.39",
        "FAIL  registry  ghcr.io/acme/app    HTTP 403",
        "      → Ask <the owner> | nobody.",
        "-     npm       registry.npmjs.org  only a publication says that",
        "warn  disk      /tmp                1.0 GB are free",
        "",
        "1 failure, 1 warning, 1 not asked, 1 ok",
      ].join("\n"),
    );
    assert.equal(sumOf([]), "nothing was asked");
  });

  it("is a table of Markdown in which words of others are no markup", () => {
    const text = doctorMarkdown(findings);
    assert.match(
      text,
      /\| FAIL \| registry \| ghcr\.io\/acme\/app \| HTTP 403 → Ask .*the owner.* \\\| nobody\. \|/,
    );
    assert.match(text, /\*\*1 failure, 1 warning, 1 not asked, 1 ok\*\*/);
    assert.equal(text.split("\n").filter((line) => line.startsWith("| ")).length, 2 + findings.length);
  });

  it("stops a release by failures, and by warnings where it is told to", () => {
    const [fine, , open, little] = findings as [Finding, Finding, Finding, Finding];
    assert.equal(isRefused(findings, "failure"), true);
    assert.equal(isRefused([fine, open, little], "failure"), false);
    assert.equal(isRefused([fine, open, little], "warning"), true);
    assert.equal(isRefused([fine, open], "warning"), false);
  });

  it("takes an error apart into what was found and what to do", () => {
    assert.deepEqual(failed(new SetupError("It is gone.", "Bring it back.")), {
      status: "failure",
      text: "It is gone.",
      remedy: "Bring it back.",
    });
    assert.deepEqual(failed(new Error("one\ntwo\nthree")), {
      status: "failure",
      text: "one",
      remedy: "two three",
    });
    assert.equal(failed("words").text, "words");
  });

  it("asks side by side, keeps the order, and waits for nobody beyond the limit", async () => {
    let asked = 0;
    let aborted = false;
    const slow = (text: string) => async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { status: "ok" as const, text };
    };
    const begun = Date.now();
    const found = await findOut(
      [
        ...["a", "b", "c"].map((text) => ({ check: "x", about: text, ask: slow(text) })),
        {
          check: "x",
          about: "silent",
          ask: (signal: AbortSignal) =>
            new Promise<never>((_resolve, reject) =>
              signal.addEventListener("abort", () => {
                aborted = true;
                reject(signal.reason as Error);
              }),
            ),
        },
      ],
      0.3,
    );
    assert.equal(asked, 3);
    assert.ok(Date.now() - begun < 2000);
    assert.deepEqual(
      found.map(({ about, status, text }) => [about, status, text]),
      [
        ["a", "ok", "a"],
        ["b", "ok", "b"],
        ["c", "ok", "c"],
        ["silent", "failure", "unreachable after 0.3 s"],
      ],
    );
    assert.equal(aborted, true);
  });
});
