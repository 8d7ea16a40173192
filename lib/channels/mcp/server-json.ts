import * as z from "zod";
import { digestOf } from "../../oci/digest";
import { checkServerName, longestDescription } from "./names";

/** The schema that documents name, which the registry knows (its published schemas, 2025-12-11). */
export const serverSchemaAddress =
  "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

const input = z.looseObject({
  description: z.string().optional(),
  isRequired: z.boolean().optional(),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  value: z.string().optional(),
  isSecret: z.boolean().optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.string()).optional(),
});

const withVariables = input.extend({ variables: z.record(z.string(), input).optional() });

/** A variable of the environment, or a header. */
export const keyValueInput = withVariables.extend({ name: z.string().min(1) });

/** An argument: of a position, or by its name. */
export const argument = z.union([
  withVariables.extend({
    type: z.literal("positional"),
    valueHint: z.string().optional(),
    isRepeated: z.boolean().optional(),
  }),
  withVariables.extend({
    type: z.literal("named"),
    name: z.string().min(1),
    isRepeated: z.boolean().optional(),
  }),
]);

/** How a client talks to a server that it has started. */
export const localTransport = z.union([
  z.looseObject({ type: z.literal("stdio") }),
  z.looseObject({
    type: z.enum(["streamable-http", "sse"]),
    url: z.string().min(1),
    headers: z.array(keyValueInput).optional(),
  }),
]);

/** A server that runs elsewhere. */
export const remoteTransport = z.looseObject({
  type: z.enum(["streamable-http", "sse"]),
  url: z.string().regex(/^https:\/\//, "an https address is expected"),
  headers: z.array(keyValueInput).optional(),
  variables: z.record(z.string(), input).optional(),
});

/** What a client starts. */
export const serverPackage = z.looseObject({
  registryType: z.enum(["npm", "pypi", "oci", "mcpb", "nuget", "cargo"]),
  identifier: z.string().min(1),
  version: z.string().min(1).max(255).optional(),
  registryBaseUrl: z.url().optional(),
  fileSha256: z
    .string()
    .regex(/^[a-f0-9]{64}$/)
    .optional(),
  runtimeHint: z.string().optional(),
  transport: localTransport,
  runtimeArguments: z.array(argument).optional(),
  packageArguments: z.array(argument).optional(),
  environmentVariables: z.array(keyValueInput).optional(),
});

/** `server.json`: a version of a server, as the registry's schema of 2025-12-11 has it. */
export const serverJson = z.looseObject({
  $schema: z.literal(serverSchemaAddress),
  name: z.string().check((context) => {
    try {
      checkServerName(context.value);
    } catch (error) {
      context.issues.push({ code: "custom", input: context.value, message: (error as Error).message });
    }
  }),
  version: z.string().min(1).max(255),
  title: z.string().min(1).max(100).optional(),
  description: z.string().min(1).max(longestDescription),
  websiteUrl: z.url().optional(),
  repository: z
    .strictObject({
      url: z.url(),
      source: z.string(),
      id: z.string().optional(),
      subfolder: z.string().optional(),
    })
    .optional(),
  packages: z.array(serverPackage).optional(),
  remotes: z.array(remoteTransport).optional(),
});

export type ServerJson = z.infer<typeof serverJson>;
export type ServerPackage = z.infer<typeof serverPackage>;

/**
 * Reads a document.
 *
 * @throws Error naming the field, and what the registry's rule is
 */
export function parseServer(text: string): ServerJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const { data, error } = serverJson.safeParse(json);
  if (data) return data;
  const [issue] = error.issues;
  throw new Error(
    `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is not as the registry's schema has it"}`,
  );
}

/** @throws Error for a text that {@link parseServer} refuses */
export function checkServerText(text: string): void {
  parseServer(text);
}

/** Digest of what a document says, whatever the order of its fields. */
export function serverDigest(server: unknown): string {
  return digestOf(comparableServer(server));
}

/**
 * A document as text that does not depend on the order of its fields, for a comparison with what a
 * registry has: registries leave out what is empty, and sort as they like.
 */
export function comparableServer(server: unknown): string {
  return JSON.stringify(sorted(server));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name, field]) => !isEmpty(field) && name !== "_meta")
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, sorted(field)]));
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}
