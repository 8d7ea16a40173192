"use strict";
// Cuts out of GitHub's published OpenAPI description (MIT license; npm package @octokit/openapi,
// 330 MB) what the fake is held to: node make-excerpt.cjs PATH/generated/api.github.com.json
// VERSION > openapi-excerpt.json

const description = require(require("node:path").resolve(process.argv[2]));

const operations = [
  "GET /repos/{owner}/{repo}/releases",
  "POST /repos/{owner}/{repo}/releases",
  "GET /repos/{owner}/{repo}/releases/latest",
  "GET /repos/{owner}/{repo}/releases/tags/{tag}",
  "PATCH /repos/{owner}/{repo}/releases/{release_id}",
  "DELETE /repos/{owner}/{repo}/releases/{release_id}",
  "GET /repos/{owner}/{repo}/releases/{release_id}/assets",
  "POST /repos/{owner}/{repo}/releases/{release_id}/assets",
  "GET /repos/{owner}/{repo}/releases/assets/{asset_id}",
  "PATCH /repos/{owner}/{repo}/releases/assets/{asset_id}",
  "DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}",
  "GET /repos/{owner}/{repo}/git/ref/{ref}",
  "GET /repos/{owner}/{repo}/git/tags/{tag_sha}",
  "GET /repos/{owner}/{repo}/pulls",
  "POST /repos/{owner}/{repo}/pulls",
  "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
  "POST /repos/{owner}/{repo}/merge-upstream",
  "GET /repos/{owner}/{repo}/issues",
  "POST /repos/{owner}/{repo}/issues",
  "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
];

// A pull request has both repositories whole, with a hundred fields each, and an issue its milestone, reactions and
// apps: of these answers only what is read is kept.
const kept = {
  "pull-request": ["number", "html_url", "state", "title", "body", "merged_at", "head", "base"],
  "pull-request-simple": ["number", "html_url", "state", "title", "body", "merged_at", "head", "base"],
  issue: [
    "number",
    "html_url",
    "state",
    "state_reason",
    "title",
    "body",
    "user",
    "labels",
    "author_association",
  ],
};
const keptOfBranches = ["label", "ref", "sha"];

const texts = new Set(["description", "example", "examples", "title", "x-github", "externalDocs"]);
const definitions = {};

function resolve(node) {
  if (!node.$ref) return node;
  return node.$ref
    .slice(2)
    .split("/")
    .reduce((at, key) => at[key], description);
}

/** A schema of an object with some of its properties. */
function only(schema, names) {
  return {
    ...schema,
    properties: Object.fromEntries(names.map((name) => [name, schema.properties[name]])),
    required: schema.required.filter((name) => names.includes(name)),
  };
}

/** A schema by its name, without what is not kept of it. */
function named(name, schema) {
  if (!(name in kept)) return schema;
  const whole = only(schema, kept[name]);
  for (const side of ["head", "base"].filter((one) => one in whole.properties))
    whole.properties[side] = only(whole.properties[side], keptOfBranches);
  return whole;
}

/** A schema without its texts, its references collected in `definitions`. */
function cut(node, inProperties = false) {
  if (Array.isArray(node)) return node.map((item) => cut(item));
  if (typeof node !== "object" || node === null) return node;
  if (typeof node.$ref === "string") {
    const name = node.$ref.split("/").pop();
    if (!(name in definitions)) {
      definitions[name] = null;
      definitions[name] = cut(named(name, resolve(node)));
    }
    return { $ref: `#/definitions/${name}` };
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => inProperties || !texts.has(key))
      .map(([key, value]) => [key, cut(value, key === "properties" && !inProperties)]),
  );
}

const schemaOf = (content) => {
  const schema = content?.["application/json"]?.schema;
  return schema ? cut(schema) : null;
};

const excerpt = Object.fromEntries(
  operations.map((name) => {
    const [method, path] = name.split(" ");
    const operation = description.paths[path][method.toLowerCase()];
    const responses = Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [
        status,
        schemaOf(resolve(response).content),
      ]),
    );
    return [name, { request: schemaOf(operation.requestBody?.content), responses }];
  }),
);
const source = `@octokit/openapi ${process.argv[3]}, generated/api.github.com.json (MIT)`;
process.stdout.write(`${JSON.stringify({ source, operations: excerpt, definitions }, null, 1)}\n`);
