import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = "provider/doctor/checks";

/** The list of all checks of `slipway doctor`, by file: a check is a file of `provider/doctor/checks/`. */
export function checkIndex(repository: string): Record<string, string> {
  const found = readdirSync(join(repository, folder))
    .filter((name) => name.endsWith(".ts") && name !== "index.ts")
    .sort()
    .map((name) => ({
      file: name.replace(/\.ts$/, ""),
      constant: constantOf(join(repository, folder, name)),
    }));
  const lines = [
    "// Made from the files of provider/doctor/checks/ by `npm run format`; changes here are lost.",
    `import type { DoctorCheck } from "../check";`,
    ...found.map(({ constant, file }) => `import { ${constant} } from "./${file}";`),
    "",
    "/** Every check. */",
    `export const checks: readonly DoctorCheck[] = [${found.map(({ constant }) => constant).join(", ")}];`,
    "",
  ];
  return { [`${folder}/index.ts`]: lines.join("\n") };
}

function constantOf(file: string): string {
  const constants = [...readFileSync(file, "utf8").matchAll(/^export const (\w+): DoctorCheck = /gm)];
  const [, constant] = constants[0] ?? [];
  if (constant === undefined || constants.length !== 1) {
    throw new Error(`${file} exports ${constants.length} checks; give it one`);
  }
  return constant;
}
