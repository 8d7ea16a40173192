import type { Outcome, Rule, RuleConfig } from "../pack/rule";
import { writtenNames, writingTypes, type WrittenName } from "../reading/references";
import { asText } from "../reading/values";

const releaseTypes = ["slipway:github:Release", "slipway:release:Directory", "github:index/release:Release"];

export const validNames: Rule = {
  name: "valid-names",
  description:
    "Checks that names of repositories, tags and releases are valid, and follow the configured patterns.",
  remedy:
    "Use lower-case repositories of letters, digits and separators, and tags as the " +
    "configuration of this rule has them.",
  level: "mandatory",
  severity: "medium",
  looksAt: ["name", "names"],
  types: [...writingTypes, ...releaseTypes],
  config: {
    repositoryPattern: {
      type: "string",
      description: "Regular expression for the whole of `host/path`. Default: any valid name.",
    },
    tagPattern: {
      type: "string",
      description: "Regular expression for a whole tag. Default: any valid tag.",
    },
    releasePattern: {
      type: "string",
      description: "Regular expression for the whole tag of a release. Default: any valid tag of Git.",
    },
  },
  check: (resource, config) => {
    if (releaseTypes.includes(resource.type)) {
      const name = asText(resource.props.tagName) ?? asText(resource.props.tag);
      return name === undefined ? [] : [release(name, asText(config.releasePattern))];
    }
    return writtenNames(resource).map((name) => ({
      what: `name ${name.text}`,
      ...finding(
        name.invalid ??
          // The patterns are those of what is published.
          (name.isCache ? undefined : patterned(name, config)),
      ),
    }));
  },
};

function patterned(name: WrittenName, config: RuleConfig): string | undefined {
  return (
    outside("repository", name.repository, asText(config.repositoryPattern)) ??
    outside("tag", name.tag, asText(config.tagPattern))
  );
}

function release(name: string, pattern: string | undefined): Outcome {
  // Source: git-check-ref-format(1).
  const isValid = !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^[/.-]|[/.]$|\.lock$|\/\./u.test(name) && name !== "@";
  const reason = isValid
    ? outside("release", name, pattern)
    : `${JSON.stringify(name)} is not a valid tag of Git`;
  return { what: `release ${name}`, ...finding(reason) };
}

function outside(part: string, name: WrittenName["tag"], pattern: string | undefined): string | undefined {
  if (name === undefined || pattern === undefined || new RegExp(`^(?:${pattern})$`).test(name))
    return undefined;
  return `${part} "${name}" does not match the pattern ${pattern}`;
}

function finding(reason: string | undefined): { finding?: string } {
  return reason === undefined ? {} : { finding: `is not accepted: ${reason}` };
}
