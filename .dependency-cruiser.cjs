"use strict";
// Imports go down only, and never in a circle, types included: docs/design.md, "Layers".

/** Folders that a layer must not see. */
const layers = [
  ["lib", ["components", "resources", "provider", "policies", "cli", "tools", "test", "bench", "examples"]],
  ["resources", ["components", "provider", "policies", "cli", "tools", "test", "bench", "examples"]],
  ["components", ["provider", "policies", "cli", "tools", "test", "bench", "examples"]],
  ["provider", ["components", "policies", "cli", "tools", "test", "bench", "examples"]],
  ["policies", ["components", "provider", "cli", "tools", "test", "bench", "examples"]],
  ["cli", ["components", "provider", "tools", "test", "bench", "examples"]],
  ["tools", ["test", "bench", "examples"]],
];

module.exports = {
  forbidden: [
    {
      name: "no-circle",
      comment: "Two files that import each other are one file, or a third one is missing that both import.",
      severity: "error",
      // A workspace of the examples starts with what an example in another workspace has published.
      from: { pathNot: "^test/examples/(bases|example-project|example-workspace)[.]ts$" },
      to: { circular: true },
    },
    {
      name: "no-circle-of-folders",
      comment: "The same for folders: what both need belongs below them.",
      severity: "error",
      scope: "folder",
      from: { path: "^(lib|provider|resources|components)/" },
      to: { circular: true },
    },
    ...layers.map(([layer, above]) => ({
      name: `${layer}-knows-nothing-above`,
      severity: "error",
      from: { path: `^${layer}/` },
      to: { path: `^(${above.join("|")})/` },
    })),
    {
      name: "definitions-know-no-resources",
      comment: "A definition is the contract; the classes, and the server, are made from it.",
      severity: "error",
      from: { path: "^resources/definitions/" },
      to: { path: "^resources/[^/]+$" },
    },
    {
      name: "classes-are-for-programs",
      comment: "The provider and the policies have the definitions.",
      severity: "error",
      from: { path: "^(provider|policies)/" },
      to: { path: "^resources/[^/]+$" },
    },
    {
      name: "declarations-make-nothing",
      comment: "What may be written is checked before any resource is made; types of resources it may name.",
      severity: "error",
      from: { path: "^components/declaration/" },
      to: { path: "^(components|resources)/[^/]+$", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|dist|[.]slipway)(/|$)" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".cjs", ".d.cts", ".js", ".json"] },
  },
};
