import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { gitFacts } from "../../components";
import { repository } from "../support/engine";

/**
 * The commit that the examples are built from: a program that says another one of the same checkout
 * is refused.
 */
export const builtCommit =
  gitFacts({ directory: repository, allowDirty: true }).commit ?? "0123456789abcdef0123456789abcdef01234567";

/** A resource that a program declares. */
export interface DeclaredResource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What is known of a program without an engine. */
export interface MockedProgram {
  resources: readonly DeclaredResource[];
  /** Those of a type, by name. */
  ofType(type: string): Map<string, Record<string, unknown>>;
  /** Outputs that its distribution has registered; mocks are not told of them. */
  readonly registered: Readonly<Record<string, unknown>>;
}

/**
 * Runs the program of an example under Pulumi's mocks: every resource is declared and none is made,
 * with the configuration of a stack as it stands in the example.
 *
 * @param known what is known of resources beside what they were declared with, by type and name
 * @param overrides configuration instead of the stack's, by key without the project's name
 */
export async function mockProgram(
  example: string,
  stack: string,
  overrides: Readonly<Record<string, string | undefined>> = {},
  known: (type: string, name: string) => Record<string, unknown> = () => ({}),
): Promise<MockedProgram> {
  const folder = path.join(repository, "examples", example);
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  const values: Record<string, string | undefined> = stackConfig(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(overrides)) values[`${example}:${key}`] = value;
  const resources: DeclaredResource[] = [];
  const given = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  pulumi.runtime.setAllConfig(Object.fromEntries(given) as Record<string, string>);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: given, id }) => {
        const inputs = given as Record<string, unknown>;
        resources.push({ type, name, inputs });
        return { id: id ?? name, state: { ...inputs, ...outputsOf(type, inputs), ...known(type, name) } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    example,
    stack,
    true,
  );
  let registered: Readonly<Record<string, unknown>> = {};
  const component = pulumi.ComponentResource.prototype as unknown as {
    registerOutputs: (
      this: { readonly __pulumiType: string },
      outputs?: Readonly<Record<string, unknown>>,
    ) => void;
  };
  const { registerOutputs } = component;
  component.registerOutputs = function (outputs) {
    // A program loads classes of its own. The SDK registers no outputs once more, after all components.
    if (outputs !== undefined && this.__pulumiType === "slipway:components:Distribution")
      registered = outputs;
    registerOutputs.call(this, outputs);
  };
  const program = path.join(folder, "index.ts");
  const load = createRequire(__filename);
  delete load.cache[program];
  const directory = process.cwd();
  process.chdir(folder);
  // Pulumi keeps the stack of each promise; source maps make that two thirds of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    load(program);
    await pulumi.runtime.disconnect();
  } finally {
    component.registerOutputs = registerOutputs;
    Error.stackTraceLimit = stackTraceLimit;
    process.chdir(directory);
    delete load.cache[program];
  }
  return {
    resources,
    registered,
    ofType: (type) =>
      new Map(resources.filter((found) => found.type === type).map(({ name, inputs }) => [name, inputs])),
  };
}

/** Tags that would be published, by repository: each with how it may move. */
export function declaredTags(program: MockedProgram): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { repository, tags } of program.ofType("slipway:oci:Tags").values()) {
    const names = (tags as { tag: string; moves: string }[]).map(({ tag, moves }) => `${tag} ${moves}`);
    found[String(repository)] = [...(found[String(repository)] ?? []), ...names];
  }
  return found;
}

/** What a program reads of a resource that nobody makes. */
function outputsOf(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const digest = `sha256:${"0".repeat(64)}`;
  if (type === "slipway:oci:Index") return { digest };
  if (type !== "slipway:oci:ExternalImages") return {};
  const images = Object.entries(inputs.images as Record<string, string>);
  return { references: Object.fromEntries(images.map(([name, image]) => [name, `${image}@${digest}`])) };
}

/**
 * Plain values of a stack's file, one line each, and maps of them, which the engine hands over as
 * JSON.
 */
function stackConfig(text: string): Record<string, string> {
  const lines = text.matchAll(/^ {2}([\w-]+:\w+): ("?)(.*)\2$/gm);
  const maps = [...text.matchAll(/^ {2}([\w-]+:\w+):\n((?: {4}\w+: .*\n)+)/gm)].map(
    ([, key = "", body = ""]) => {
      const entries = [...body.matchAll(/^ {4}(\w+): (.*)$/gm)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]);
      return [key, JSON.stringify(Object.fromEntries(entries))];
    },
  );
  const values = [...lines].map(([, key = "", , value = ""]) => [key, value]);
  return Object.fromEntries([...values, ...maps]) as Record<string, string>;
}
