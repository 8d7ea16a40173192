import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { Unknown, unknown } from "./unknown";

/**
 * Property maps between the engine's wire form and plain values. Secrets are unwrapped for the
 * resource code, which need not know of them, and their paths remembered, so that what goes back is
 * as secret as what came in.
 *
 * Source: pulumi/pulumi, sdk/go/common/resource/properties.go (signatures of special values).
 */

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A plain object of property values. */
export type Properties = Record<string, unknown>;

/** Properties as received: plain values, and the paths of those that are secret. */
export interface DecodedProperties {
  values: Properties;
  secrets: SecretPaths;
}

/** Paths (as JSON arrays of keys) whose values are secret. */
export type SecretPaths = ReadonlySet<string>;

/** Reads a property map from the wire. */
export function decodeProperties(struct: Struct | undefined): DecodedProperties {
  const secrets = new Set<string>();
  const values = struct ? decodeValue(struct.toJavaScript(), [], secrets) : {};
  return { values: values as Properties, secrets };
}

/** The secret values among properties. */
export function secretValues({ values, secrets }: DecodedProperties): unknown[] {
  return [...secrets].map((path) =>
    (JSON.parse(path) as string[]).reduce<unknown>((value, key) => (value as Properties)[key], values),
  );
}

/**
 * Writes a property map to the wire; values at the given paths are marked as secret. Undefined
 * values are left out.
 */
export function encodeProperties(values: Properties, secrets: SecretPaths = new Set()): Struct {
  return Struct.fromJavaScript(encodeObject(values, [], secrets));
}

function decodeValue(value: unknown, path: string[], secrets: Set<string>): unknown {
  if (value === unknownSentinel) return unknown;
  if (Array.isArray(value)) {
    return value.map((item, index) => decodeValue(item, [...path, String(index)], secrets));
  }
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  const signature = object[signatureKey];
  if (signature === secretSignature) {
    secrets.add(JSON.stringify(path));
    return decodeValue(object.value, path, secrets);
  }
  if (signature === outputSignature) {
    if (object.secret === true) secrets.add(JSON.stringify(path));
    return "value" in object ? decodeValue(object.value, path, secrets) : unknown;
  }
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [key, decodeValue(item, [...path, key], secrets)]),
  );
}

function encodeObject(
  values: Properties,
  path: string[],
  secrets: SecretPaths,
): Record<string, JavaScriptValue> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, encodeValue(value, [...path, key], secrets)]),
  );
}

function encodeValue(value: unknown, path: string[], secrets: SecretPaths): JavaScriptValue {
  const plain = encodePlain(value, path, secrets);
  return secrets.has(JSON.stringify(path)) ? { [signatureKey]: secretSignature, value: plain } : plain;
}

function encodePlain(value: unknown, path: string[], secrets: SecretPaths): JavaScriptValue {
  if (value instanceof Unknown) return unknownSentinel;
  if (value === undefined || value === null) return null;
  if (Array.isArray(value))
    return value.map((item, index) => encodeValue(item, [...path, String(index)], secrets));
  if (typeof value === "object") return encodeObject(value as Properties, path, secrets);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new TypeError(
    `property ${path.join(".")} has a value of type ${typeof value}, which no property can have`,
  );
}
