import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../../lib/machine/repository";
import { temporaryDirectory } from "./temporary-directory";

const program = join(REPOSITORY, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
const config = join(REPOSITORY, ".dependency-cruiser.cjs");

describe("rules of imports", () => {
  const directory = temporaryDirectory();
  const cases: { title: string; files: Record<string, string>; rules: string[] }[] = [
    {
      title: "take an import that goes down",
      files: { "components/a.ts": 'import "../lib/b";', "lib/b.ts": "" },
      rules: [],
    },
    {
      title: "find one that goes up",
      files: { "lib/oci/a.ts": 'import "../../provider/b";', "provider/b.ts": "" },
      rules: ["lib-knows-nothing-above"],
    },
    {
      title: "find one of a type that goes up",
      files: {
        "resources/definitions/a.ts": 'import type { B } from "../b";',
        "resources/b.ts": "export type B = 1;",
      },
      rules: ["definitions-know-no-resources"],
    },
    {
      title: "find a circle of files",
      files: { "tools/a.ts": 'import "./b";', "tools/b.ts": 'import "./a";' },
      rules: ["no-circle"],
    },
    {
      title: "find a circle of types",
      files: {
        "tools/a.ts": 'import type { B } from "./b";\nexport type A = B;',
        "tools/b.ts": 'import type { A } from "./a";\nexport type B = A | 1;',
      },
      rules: ["no-circle"],
    },
    {
      title: "find a circle of folders",
      files: {
        "lib/one/a.ts": 'import "../other/b";',
        "lib/one/d.ts": "",
        "lib/other/b.ts": "",
        "lib/other/c.ts": 'import "../one/d";',
      },
      rules: ["no-circle-of-folders"],
    },
  ];
  for (const { title, files, rules } of cases) {
    it(title, async () => {
      for (const [name, content] of Object.entries({ ...files, "tsconfig.json": "{}" })) {
        mkdirSync(dirname(join(directory(), name)), { recursive: true });
        writeFileSync(join(directory(), name), content);
      }
      const folders = [...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""))];
      const output = await cruise(directory(), folders);
      const found = [...output.matchAll(/^ *error ([a-z-]+):/gm)].map(([, rule]) => rule);
      assert.deepEqual([...new Set(found)], rules, output);
    });
  }
});

/** What the check of imports prints of some folders. */
function cruise(cwd: string, folders: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, "--config", config, ...folders], { cwd }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
