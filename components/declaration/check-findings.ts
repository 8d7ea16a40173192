import * as pulumi from "@pulumi/pulumi";
import { nearest } from "../../lib/text/nearest";
import type { Finding } from "../../resources/definitions/input-findings";
import {
  checkNames,
  declaredChecks,
  imageNames,
  namedGates,
  type CheckDeclaration,
  type DeclaredGates,
} from "./check-declaration";
import type { DistributionDeclaration } from "./declaration";
import { versionNames } from "./templates";

/** Returns what is wrong with declared checks, as far as only the whole declaration shows it. */
export function checkFindings(args: DistributionDeclaration): Finding[] {
  const { gates, afterPublication } = args;
  const first = new Set(namedGates(gates).map(([name]) => name));
  const repeated = declaredChecks(afterPublication)
    .filter(([name]) => first.has(name))
    .map(([name]) => ({
      property: `afterPublication.${name}`,
      reason: `a gate has this name, too: results are kept by name, so give one of them another`,
    }));
  return [
    ...findingsOf("gates", gates, args),
    ...findingsOf("afterPublication", afterPublication, args),
    ...repeated,
  ];
}

function findingsOf(
  field: "gates" | "afterPublication",
  declared: DeclaredGates | undefined,
  args: DistributionDeclaration,
): Finding[] {
  const afterOf = new Map(declaredChecks(declared).map(([name, { after = [] }]) => [name, after]));
  const names = namedGates(declared).map(([name]) => name);
  return declaredChecks(declared).flatMap(([name, check]) => {
    const property = `${field}.${name}`;
    return [
      ...unknownNames(`${property}.images`, check.images, Object.keys(args.images), "image"),
      ...unknownNames(`${property}.after`, check.after, names, "check"),
      ...(isAfterItself(name, afterOf)
        ? [{ property: `${property}.after`, reason: "the checks wait for each other: leave one of them out" }]
        : []),
      ...placeFindings(property, field, check, args),
      ...textFindings(property, check, args),
    ];
  });
}

function unknownNames(
  property: string,
  wanted: readonly string[] | undefined,
  known: readonly string[],
  what: string,
): Finding[] {
  return (wanted ?? []).flatMap((name, index): Finding[] => {
    if (known.includes(name)) return [];
    const match = nearest(name, known);
    const hint = match === undefined ? "" : `; did you mean ${JSON.stringify(match)}?`;
    const reason = `there is no ${what} ${JSON.stringify(name)}${hint}; declared are ${known.join(", ")}`;
    return [{ property: `${property}[${index}]`, reason }];
  });
}

function isAfterItself(name: string, afterOf: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const visit = (names: readonly string[]): boolean =>
    names.some((next) => {
      if (next === name) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return visit(afterOf.get(next) ?? []);
    });
  return visit(afterOf.get(name) ?? []);
}

function placeFindings(
  property: string,
  field: string,
  { each, registries }: CheckDeclaration<string>,
  args: DistributionDeclaration,
): Finding[] {
  if ((each === "repository" || each === "tag") && field === "gates") {
    const reason =
      `${JSON.stringify(each)} is for afterPublication: before that, images are in the first registry only, and without tags ` +
      `(a valid example: each: "image")`;
    return [{ property: `${property}.each`, reason }];
  }
  if (registries !== undefined && each !== "repository" && each !== "tag") {
    const reason = `needs each: "repository" or "tag", which make checks for each image in each registry`;
    return [{ property: `${property}.registries`, reason }];
  }
  const known = args.registries.map(({ name }) => name);
  return (registries ?? []).flatMap(({ name }, index): Finding[] =>
    known.includes(name)
      ? []
      : [
          {
            property: `${property}.registries[${index}]`,
            reason: `${name} is not among the registries of the distribution, which are ${known.join(", ")}`,
          },
        ],
  );
}

/** Names in texts that nothing can take the place of. */
function textFindings(
  property: string,
  check: CheckDeclaration<string>,
  args: DistributionDeclaration,
): Finding[] {
  const isOfOneImage = check.each !== undefined || (check.images ?? Object.keys(args.images)).length === 1;
  const { command, http, anonymousPull, checksum } = check;
  return textsOf({ command, http, anonymousPull, checksum }, property).flatMap(({ path, text }) =>
    [...text.matchAll(/\{([a-z]+)\}/g)].flatMap(([whole, name = ""]): Finding[] => {
      const about = `${JSON.stringify(text)}: `;
      if ((versionNames as readonly string[]).includes(name)) {
        if (args.version !== undefined) return [];
        const reason = `${about}${whole} needs a version, and none is declared: leave the check out without one`;
        return [{ property: path, reason }];
      }
      if ((imageNames as readonly string[]).includes(name)) {
        if (isOfOneImage) return [];
        const reason =
          `${about}${whole} is of one image, and the check is about several ` +
          `(a valid example: each: "image", or images: [${JSON.stringify(Object.keys(args.images)[0])}])`;
        return [{ property: path, reason }];
      }
      // Programs have braces of their own, such as awk's.
      const match = nearest(name, checkNames);
      if (match === undefined) return [];
      const names = checkNames.map((known) => `{${known}}`).join(", ");
      const reason = `${about}nothing takes the place of ${whole}; did you mean {${match}}? The names here are ${names}`;
      return [{ property: path, reason }];
    }),
  );
}

function textsOf(value: unknown, path: string): { path: string; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, `${path}.${key}`));
}
