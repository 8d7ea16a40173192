"use strict";
// Writes what the package's users compile against, dist/types: `npm pack` does, since nothing here
// needs it.

const fs = require("node:fs");
const path = require("node:path");
const ts = require("typescript");

const ROOT = path.resolve(__dirname, "..");
const OUTPUT = path.join(ROOT, "dist", "types");

/** The entries of the package, see "exports" in package.json. */
const ENTRIES = ["components/index.ts", "components/versions.ts"];

/**
 * Writes the declarations of the entries and of what those declarations name, one file for each of
 * the sources.
 *
 * @throws Error with the compiler's findings
 */
function writeDeclarations() {
  const { config } = ts.readConfigFile(path.join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const entries = ENTRIES.map((entry) => path.join(ROOT, entry));
  const program = ts.createProgram(entries, {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    sourceMap: false,
    rootDir: ROOT,
    outDir: OUTPUT,
    types: ["node"],
  });
  const written = new Map();
  const { diagnostics } = program.emit(undefined, (file, text) => written.set(file, text), undefined, true, {
    afterDeclarations: [optionalTakesUndefined],
  });
  if (diagnostics.length > 0) {
    throw new Error(
      ts.formatDiagnostics(diagnostics, {
        getCanonicalFileName: (file) => file,
        getCurrentDirectory: () => ROOT,
        getNewLine: () => "\n",
      }),
    );
  }
  fs.rmSync(OUTPUT, { recursive: true, force: true });
  for (const file of named(written)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, written.get(file));
  }
}

/**
 * For programs that are compiled with `exactOptionalPropertyTypes`:
 * `namespace: config.get("namespace")` means to them what it means to everybody else.
 */
function optionalTakesUndefined(context) {
  const { factory } = context;
  const visit = (node) => {
    const seen = ts.visitEachChild(node, visit, context);
    if (!ts.isPropertySignature(seen) || !seen.questionToken || !seen.type) return seen;
    const type = factory.createUnionTypeNode([
      ts.isFunctionTypeNode(seen.type) ? factory.createParenthesizedType(seen.type) : seen.type,
      factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword),
    ]);
    return factory.updatePropertySignature(seen, seen.modifiers, seen.name, seen.questionToken, type);
  };
  return (file) => ts.visitNode(file, visit);
}

/** The files that the entries lead to: what they are made of and do not show stays at home. */
function named(written) {
  const found = new Set();
  const follow = (file) => {
    if (found.has(file)) return;
    found.add(file);
    for (const { fileName } of ts.preProcessFile(written.get(file)).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const base = path.resolve(path.dirname(file), fileName);
      const target = [`${base}.d.ts`, path.join(base, "index.d.ts")].find((name) => written.has(name));
      if (target === undefined) throw new Error(`${file} imports ${fileName}, which has no declaration`);
      follow(target);
    }
  };
  for (const entry of ENTRIES) follow(path.join(OUTPUT, entry.replace(/[.]ts$/, ".d.ts")));
  return found;
}

writeDeclarations();
