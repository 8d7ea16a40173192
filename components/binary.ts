import type * as pulumi from "@pulumi/pulumi";
import { goVariables } from "../lib/target/target";
import { Command, type Evidence } from "../resources";
import type { BinaryDeclaration } from "./declaration/binary-declaration";
import { fillTemplate, platformValues, versionValues } from "./declaration/templates";

/** A built file, as images and archives take it. */
export interface BinaryFile {
  source: pulumi.Output<string>;
  digest: pulumi.Output<string>;
}

/** A built binary: the file, and what its platforms and tests have shown. */
export interface BuiltBinary {
  file: BinaryFile;
  evidence: pulumi.Output<Evidence[]>;
}

/**
 * Builds a declared binary for one platform. The command gets the platform in the variables that Go
 * reads, and in `{os}`, `{arch}`, `{variant}`, `{exe}` and `{version}`. A binary with declared
 * targets is checked to be an executable for its platform.
 */
export function buildBinary(
  resourceName: string,
  binaryName: string,
  declaration: BinaryDeclaration,
  platform: string,
  version: string,
  parent: pulumi.Resource,
): BuiltBinary {
  const values = { ...platformValues(platform), ...versionValues(version), name: binaryName };
  const fill = (text: string) => fillTemplate(text, values);
  const override = declaration.overrides?.[platform];
  const command = override?.command ?? declaration.command;
  const env = { ...declaration.env, ...override?.env };
  const output = fill(override?.output ?? declaration.output ?? `${binaryName}{exe}`);
  const built = new Command(
    resourceName,
    {
      directory: declaration.directory,
      command: typeof command === "string" ? fill(command) : command.map(fill),
      env: {
        ...goVariables(platform),
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
      },
      inherit: declaration.inherit,
      sources: declaration.sources,
      outputs: [output],
      timeoutSeconds: declaration.timeoutSeconds,
      atPreview: declaration.atPreview,
      ...expectation(declaration, platform, fill),
    },
    { parent },
  );
  const file = built.files.apply((files) => {
    const found = files[output];
    if (!found)
      throw new Error(`${binaryName}: the command wrote ${Object.keys(files).join(", ")}, not ${output}`);
    return found;
  });
  return { file: { source: file.path, digest: file.digest }, evidence: built.evidence };
}

function expectation(
  { platforms, executable, test, budget }: BinaryDeclaration,
  platform: string,
  fill: (text: string) => string,
) {
  const isExecutable = executable ?? platforms !== undefined;
  if (!isExecutable && test === undefined && budget === undefined) return {};
  const tests = test && [
    {
      command: test.command.map(fill),
      prints: test.prints === undefined ? undefined : fill(test.prints),
      withinSeconds: test.withinSeconds,
    },
  ];
  return {
    expect: {
      platform: isExecutable ? platform : undefined,
      maximumBytes: budget?.maximumBytes,
      tests,
    },
  };
}
