import assert from "node:assert/strict";
import { IgnoreRules } from "../../../lib/dockerfile/ignore-rules";

describe(".dockerignore", () => {
  const cases: { rules: string; ignored: string[]; kept: string[] }[] = [
    { rules: "", ignored: [], kept: ["a", "a/b"] },
    { rules: "# a comment\n\n", ignored: [], kept: ["# a comment"] },
    { rules: "node_modules", ignored: ["node_modules", "node_modules/x/y"], kept: ["a/node_modules"] },
    { rules: "/dist/", ignored: ["dist", "dist/z"], kept: ["a/dist"] },
    { rules: "*.md\n!README.md", ignored: ["X.md"], kept: ["README.md", "a/X.md"] },
    { rules: "*.md\n!README.md\nREADME*", ignored: ["README.md", "X.md"], kept: ["x"] },
    { rules: "**/*.pyc", ignored: ["x.pyc", "a/b/x.pyc"], kept: ["x.py"] },
    { rules: "a/**", ignored: ["a/b", "a/b/c"], kept: ["b"] },
    { rules: "a/**/z", ignored: ["a/z", "a/b/c/z"], kept: ["z", "a/zz"] },
    { rules: "temp?", ignored: ["tempa", "tempa/x"], kept: ["temp", "temp/x"] },
    { rules: "[ab].txt", ignored: ["a.txt", "b.txt"], kept: ["c.txt"] },
    { rules: "[^ab].txt", ignored: ["c.txt"], kept: ["a.txt"] },
    { rules: "a\\*b", ignored: ["a*b"], kept: ["axb"] },
    { rules: "./x/../y/", ignored: ["y", "y/z"], kept: ["x"] },
    { rules: "a+b.c", ignored: ["a+b.c"], kept: ["aab.c", "a+bxc"] },
    { rules: "*\n!src\nsrc/secret", ignored: ["x", "src/secret"], kept: ["src", "src/main.go"] },
    { rules: "\uFEFFdist\r\nother\r\n", ignored: ["dist", "other"], kept: ["x"] },
  ];
  for (const { rules, ignored, kept } of cases) {
    it(JSON.stringify(rules), () => {
      const read = new IgnoreRules(rules);
      for (const path of ignored) assert.equal(read.ignores(path), true, `${path} is ignored`);
      for (const path of kept) assert.equal(read.ignores(path), false, `${path} is kept`);
    });
  }

  it("names the line of a pattern that cannot be read", () => {
    assert.throws(() => new IgnoreRules("ok\n[a"), /line 2: the pattern "\[a" cannot be read/);
    assert.throws(() => new IgnoreRules("!"), /line 1: an exception without a pattern/);
  });
});
