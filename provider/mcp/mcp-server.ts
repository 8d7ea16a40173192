import { officialRegistry } from "../../lib/channels/mcp/names";
import { McpRegistry, type PublishedServer } from "../../lib/channels/mcp/registry";
import type { ServerStatus } from "../../lib/channels/mcp/status";
import { parseServer, serverDigest, type ServerJson } from "../../lib/channels/mcp/server-json";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { parseVersion } from "../../lib/version/version";
import { mcpServerDefinition } from "../../resources/definitions/mcp-server";
import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { identityOf, keyOf, NoIdentity } from "./identity";
import { workflowToken } from "./workflow-token";

type Inputs = InputsOf<typeof mcpServerDefinition>;
type Outputs = OutputsOf<typeof mcpServerDefinition>;
type State = StateOf<typeof mcpServerDefinition>;

/** `slipway:mcp:Server`: published once, and marked as it is declared. */
export const mcpServerHandler = resourceHandler(mcpServerDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated"],

  refuse(context, { githubToken, domain, registry, status, statusMessage }) {
    refuseClear(
      context,
      { githubToken, "domain.key": domain?.key },
      { githubToken: "mcpToken", "domain.key": "mcpDomainKey" },
    );
    if (domain !== undefined && !hasUnknown(domain)) refuseKey(domain.key);
    if (statusMessage !== undefined && (status ?? "active") === "active") {
      const reason = "only a version that is deprecated or deleted has one: set status";
      throw new InputError([{ property: "statusMessage", reason }]);
    }
    const isSecretSent = githubToken !== undefined || domain !== undefined;
    if (!isSecretSent || hasUnknown(registry) || registry === undefined || !isInTheClear(registry)) return;
    const reason = `${JSON.stringify(registry)} would get the credentials in clear: take https`;
    throw new InputError([{ property: "registry", reason }]);
  },

  diff(_context, desired, oldInputs, observed): Changes {
    if (hasUnknown(desired.server)) return { server: { kind: "update" } };
    const changes = inputChanges(["server"], desired, oldInputs);
    if (observed.state === "failed") changes.state = { kind: "update" };
    if (isHeld(desired)) return changes;
    if (changes.server === undefined && observed.published !== digestOf(desired)) {
      changes.published = { kind: observed.published === undefined ? "add" : "update" };
    }
    const { status = "active", statusMessage } = desired;
    if (observed.foundStatus !== status || observed.foundMessage !== statusMessage) {
      changes.status = { kind: "update" };
    }
    return changes;
  },

  // A version that is known later has no name yet.
  id: ({ registry, server }) =>
    hasUnknown(server) ? placeOf({ registry }) : `${placeOf({ registry })}/${parseServer(server).name}`,

  create: (context, desired) => bring(context, desired),

  update: (context, desired, _oldInputs, observed) => bring(context, desired, observed),

  async observe(context, inputs, state) {
    const channel = { gated: inputs.gated, channel: channelOf(inputs) };
    const look = () => withRegistry(context, inputs, (registry) => seen(context, registry, inputs, state));
    return { state: await askChannel(context, channel, look, state) };
  },

  delete(context, _id, inputs) {
    context.say("info", `${channelOf(inputs)} stays there: it left the program only`);
  },
});

function refuseKey(pem: string): void {
  try {
    keyOf(pem);
  } catch (error) {
    throw new InputError([{ property: "domain.key", reason: (error as Error).message, isSecret: true }]);
  }
}

function placeOf({ registry = officialRegistry }: Pick<Inputs, "registry">): string {
  return new URL(registry).host;
}

function channelOf(inputs: Inputs): string {
  const { name, version } = parseServer(inputs.server);
  return `${name} ${version} in ${placeOf(inputs)}`;
}

function digestOf({ server }: Pick<Inputs, "server">): string {
  return serverDigest(parseServer(server));
}

/** The registry would give a pre-release of a new version to everybody. */
function isHeld({ server, prereleases }: Inputs): boolean {
  return prereleases !== true && parseVersion(parseServer(server).version)?.stable === false;
}

async function withRegistry<T>(
  context: ResourceContext,
  { registry = officialRegistry }: Pick<Inputs, "registry">,
  work: (registry: McpRegistry) => Promise<T>,
): Promise<T> {
  const opened = new McpRegistry({
    address: new URL(registry),
    onWait: context.services.onWait,
    onSecret: (text) => context.addSecret(text),
    signal: context.signal,
  });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

async function bring(context: ResourceContext, desired: Inputs, before?: State): Promise<Outputs> {
  return attempt(
    context,
    { gated: desired.gated, channel: channelOf(desired), before },
    () => withRegistry(context, desired, (registry) => publish(context, registry, desired)),
    () => ({}),
  );
}

async function publish(context: ResourceContext, registry: McpRegistry, desired: Inputs): Promise<Outputs> {
  const server = parseServer(desired.server);
  if (isHeld(desired)) {
    return {
      state: "held",
      reason: `${server.version} is a pre-release, and ${registry.place} would give it to everybody`,
    };
  }
  const there = await registry.find(server.name, server.version);
  refuseAnother(registry, server, there);
  if (context.preview) return outcomeOf(there ?? { server, ...statusOf(desired), isLatest: true });
  let session: Promise<string> | undefined;
  const token = () => (session ??= signIn(context, registry, desired));
  let found = there;
  if (found === undefined) {
    const signedIn = await token();
    context.status(`publishing ${server.name} ${server.version} to ${registry.place}`);
    found = await registry.publish(server, signedIn);
  }
  const wanted = statusOf(desired);
  if (found.status !== wanted.status || found.statusMessage !== wanted.statusMessage) {
    found = await registry.setStatus(server, wanted, await token());
  }
  return outcomeOf(found);
}

async function signIn(context: ResourceContext, registry: McpRegistry, desired: Inputs): Promise<string> {
  const address = new URL(desired.registry ?? officialRegistry);
  try {
    return await registry.signIn(
      await identityOf(desired, address, (audience) =>
        workflowToken(audience, (text) => context.addSecret(text)),
      ),
    );
  } catch (error) {
    if (error instanceof NoIdentity) throw new ChannelConflict(`${registry.place}: ${error.message}`);
    throw error;
  }
}

/** @throws ChannelConflict for a version that is there with another content */
function refuseAnother(registry: McpRegistry, server: ServerJson, there: PublishedServer | undefined): void {
  if (there === undefined) return;
  const [found, wanted] = [serverDigest(there.server), serverDigest(server)];
  if (found === wanted) return;
  throw new ChannelConflict(
    `${server.name} ${server.version} is in ${registry.place} with ${found}, and would be ${wanted} now: a published ` +
      "version does not change. Publish a new version",
  );
}

function statusOf({ status = "active", statusMessage }: Inputs): {
  status: ServerStatus;
  statusMessage?: string | undefined;
} {
  return { status, ...(statusMessage !== undefined && { statusMessage }) };
}

function outcomeOf({ server, status, statusMessage, isLatest }: PublishedServer): Outputs {
  return {
    state: "served",
    published: serverDigest(server),
    foundStatus: status,
    isLatest,
    ...(statusMessage !== undefined && { foundMessage: statusMessage }),
  };
}

/** What the registry has of what it was given. */
async function seen(
  context: ResourceContext,
  registry: McpRegistry,
  inputs: Inputs,
  state: State,
): Promise<State> {
  const {
    published: _published,
    foundStatus: _status,
    foundMessage: _message,
    isLatest: _latest,
    reason: _reason,
    ...before
  } = state;
  if (state.state === "failed" || state.state === "held") return state;
  const server = parseServer(inputs.server);
  const there = await registry.find(server.name, server.version);
  if (there === undefined) {
    context.say("warning", `${channelOf(inputs)} is gone; \`pulumi up\` publishes it again`);
    return { ...before, state: "behind", reason: `${registry.place} has it no more` };
  }
  return { ...before, ...outcomeOf(there) };
}
