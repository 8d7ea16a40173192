import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asRecord, asTexts } from "../reading/values";

const label = "org.opencontainers.image.licenses";
const imageType = "slipway:oci:Image";

/**
 * What is declared is looked at; which licenses the packages in an image have is for the scan to
 * find.
 */
export const allowedLicenses: Rule = {
  name: "allowed-licenses",
  description: `Checks that images declare their license (${label}), and only licenses of the configured list.`,
  remedy:
    `Set \`licenses\` of the distribution, or the label ${label}, to an SPDX expression of allowed licenses, ` +
    'e.g. "Apache-2.0".',
  level: "mandatory",
  severity: "medium",
  looksAt: ["image", "images"],
  types: [imageType, "docker-build:index:Image"],
  config: {
    licenses: {
      type: "array",
      items: { type: "string" },
      description: "SPDX identifiers, exceptions with `WITH`, e.g. `Apache-2.0`.",
    },
  },
  needs: ["licenses"],
  check: (resource, config) => {
    const what = `image ${resource.name}`;
    const declared = declaredLicense(resource);
    if (declared === UNKNOWN) return [{ what, later: true }];
    return [{ what, ...finding(declared, asTexts(config.licenses)) }];
  },
};

function declaredLicense({ type, props }: Declared): unknown {
  const places =
    type === imageType
      ? [asRecord(props.config).labels, props.annotations, props.standardAnnotations]
      : [props.labels];
  return places.map((place) => (place === UNKNOWN ? UNKNOWN : asRecord(place)[label])).find(Boolean);
}

function finding(declared: unknown, allowed: readonly string[]): Pick<Outcome, "finding"> {
  if (typeof declared !== "string" || declared.trim() === "") return { finding: `has no label ${label}` };
  return isAllowed(declared, allowed)
    ? {}
    : { finding: `has the license ${JSON.stringify(declared)}; allowed are ${allowed.join(", ") || "none"}` };
}

/**
 * Returns whether an SPDX expression can be kept with allowed licenses alone: of `OR` one side has
 * to be, of `AND` both.
 *
 * Source: SPDX 2.3, Annex D.
 */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let position = 0;
  const next = () => tokens[position]?.toUpperCase();

  function either(): boolean {
    let result = both();
    while (next() === "OR") {
      position += 1;
      const right = both();
      result ||= right;
    }
    return result;
  }

  function both(): boolean {
    let result = one();
    while (next() === "AND") {
      position += 1;
      const right = one();
      result &&= right;
    }
    return result;
  }

  function one(): boolean {
    const token = tokens[position++];
    if (token === undefined) return false;
    if (token === "(") {
      const inner = either();
      return tokens[position++] === ")" && inner;
    }
    if (next() !== "WITH") return allowed.includes(token);
    const exception = `${token} WITH ${tokens[position + 1] ?? ""}`;
    position += 2;
    return allowed.includes(exception);
  }

  const result = either();
  return result && position === tokens.length;
}
