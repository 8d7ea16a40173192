import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { inlineDockerfile } from "../reading/bases";
import { asRecord, asText } from "../reading/values";

const contextType = "slipway:build:Context";

/**
 * A Dockerfile in a file of its own can be seen where `slipway:build:Context` reads it; the user
 * that a base sets, cannot.
 */
export const nonRootUser: Rule = {
  name: "non-root-user",
  description: "Checks that images declare a user other than root.",
  remedy: 'Set `config.user` (or USER in the Dockerfile) to a user that is not root, e.g. "65532:65532".',
  level: "mandatory",
  severity: "medium",
  looksAt: ["image", "images"],
  types: ["slipway:oci:Image", contextType, "docker-build:index:Image"],
  check: (resource) => {
    const what = `image ${resource.name}`;
    if (!isVisible(resource)) return [];
    const user = userOf(resource);
    return [user === UNKNOWN ? { what, later: true } : { what, ...finding(user) }];
  },
};

function isVisible(resource: Declared): boolean {
  if (resource.type === "slipway:oci:Image") return true;
  if (resource.type === contextType) return resource.props.user !== undefined;
  return inlineDockerfile(resource) !== undefined;
}

function userOf(resource: Declared): string | undefined | typeof UNKNOWN {
  if (resource.type === "slipway:oci:Image") {
    const { config } = resource.props;
    const user = config === UNKNOWN ? UNKNOWN : asRecord(config).user;
    return user === UNKNOWN ? UNKNOWN : asText(user);
  }
  if (resource.type === contextType) {
    const { user } = resource.props;
    return user === UNKNOWN ? UNKNOWN : asText(user);
  }
  return inlineDockerfile(resource)?.user;
}

function finding(user: string | undefined): Pick<Outcome, "finding"> {
  if (user === undefined || user === "")
    return { finding: "declares no user, so that it runs as root unless its base says otherwise" };
  const name = user.split(":")[0] ?? "";
  return name === "root" || /^0+$/.test(name)
    ? { finding: `runs as root (user ${JSON.stringify(user)})` }
    : {};
}
