import { Secret, type PolicyResource, type ResourceValidationArgs } from "@pulumi/policy";
// As objects: an ECMAScript import would be a copy, in which nothing can be replaced.
// eslint-disable-next-line @typescript-eslint/no-require-imports
import deserialization = require("@pulumi/policy/deserialize");
// eslint-disable-next-line @typescript-eslint/no-require-imports
import proxies = require("@pulumi/policy/proxy");
import {
  Server,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  AnalyzerHandshakeResponse,
  EnforcementLevel,
  type AnalyzeDiagnostic,
  type AnalyzeRequest,
  type AnalyzeResponse,
  type AnalyzerHandshakeRequest,
  type AnalyzerStackConfigureRequest,
  type AnalyzeStackRequest,
  type ConfigureAnalyzerRequest,
} from "@pulumi/pulumi/proto/analyzer_pb";
import type { Violation } from "../../lib/display/engine-event";
import type { SecretTexts } from "../../lib/text/secret-texts";
import type { GivenSettings } from "./configuration";
import { UNKNOWN, type Declared } from "./declared";
import type { StackNode } from "./graph";

/** The input that `@pulumi/policy` hands to a policy, as plain values. */

type Deserialize = (properties: unknown, keepSecrets: boolean) => Record<string, unknown>;

/**
 * Makes `@pulumi/policy` keep the marks of secrets in what it hands to validations. The engine
 * sends them, but the library takes them off for validations (not for remediations), and a secret
 * could not be told from clear text.
 *
 * @param texts gets every value that is marked, of all resources and providers that the engine
 * shows
 */
export function keepSecretMarks(texts: SecretTexts): void {
  const library = deserialization as unknown as { deserializeProperties: Deserialize };
  const original = library.deserializeProperties;
  library.deserializeProperties = (properties) => {
    const values = original(properties, true);
    noteSecrets(withoutProxies(values), texts);
    return values;
  };
}

function noteSecrets(value: unknown, texts: SecretTexts, isSecret = false): void {
  if (value instanceof Secret) noteSecrets(value.value, texts, true);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) noteSecrets(item, texts, isSecret);
  } else if (isSecret && !unknownTexts.has(value)) texts.addValue(value);
}

/**
 * Takes note of the stack's secret configuration: a program can put it where no mark stays on it,
 * e.g. into a name. Call it before the pack is made.
 */
export function noteStackSecrets(texts: SecretTexts): void {
  beforeCall("configureStack", (request: AnalyzerStackConfigureRequest) => {
    const config = request.getConfigMap();
    for (const key of request.getConfigSecretKeysList()) texts.addValue(config.get(key));
    return undefined;
  });
}

/**
 * Refuses the file with the configuration, before the engine has read it: what the engine refuses
 * in it, it refuses without the name of the rule, and entries without content it leaves out. Call
 * it before the pack is made.
 */
export function refuseConfigurationFile(problems: () => readonly string[]): void {
  beforeCall("configureStack", () => {
    const found = problems();
    return found.length === 0 ? undefined : found.join("; ");
  });
}

/**
 * Refuses a configuration in which `problemsOf` finds something: the run ends before it does
 * anything. `@pulumi/policy` shows a policy its own settings only, and takes names that it does not
 * know. Call it before the pack is made.
 */
export function refuseConfiguration(problemsOf: (given: GivenSettings) => readonly string[]): void {
  beforeCall("configure", (request: ConfigureAnalyzerRequest) => {
    const given = new Map(
      [...request.getPolicyconfigMap().entries()].map(([name, config]) => [
        name,
        (config.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>,
      ]),
    );
    const problems = problemsOf(given);
    return problems.length === 0 ? undefined : problems.join("; ");
  });
}

/**
 * Calls `heard` with the engine's address, where it will be told what to show. Call it before the
 * pack is made.
 */
export function noteEngine(heard: (address: string) => void): void {
  changeService((implementation) => ({
    ...implementation,
    // The library does not implement it; the engine goes on without, and then tells no address.
    handshake: (
      { request }: { request: AnalyzerHandshakeRequest },
      callback: (error: null, answer: AnalyzerHandshakeResponse) => void,
    ) => {
      heard(request.getEngineAddress());
      callback(null, new AnalyzerHandshakeResponse());
    },
  }));
}

/**
 * Changes what the pack answers about violations. At a preview those of resources are held back
 * until the stack's, so that what has one cause can be told as one; at an update they stop a
 * resource, and are told at once. Call it before the pack is made.
 *
 * @param early gets what a preview holds back, whenever that is more, and nothing once it is told:
 * a run that fails does not ask about the stack
 */
export function groupViolations(
  grouped: (all: readonly AnalyzeDiagnostic[]) => AnalyzeDiagnostic[],
  early: (held: readonly AnalyzeDiagnostic[], isWhole: boolean) => void,
): void {
  let isPreview = false;
  let held: AnalyzeDiagnostic[] = [];
  beforeCall("configureStack", (request: AnalyzerStackConfigureRequest) => {
    isPreview = request.getDryRun();
    held = [];
    early([], !isPreview);
    return undefined;
  });
  const changed =
    (
      answers: Answering,
      change: (found: AnalyzeDiagnostic[], urn: string) => AnalyzeDiagnostic[],
    ): Answering =>
    (call, callback) =>
      answers(call, (error, answer, ...rest) => {
        answer?.setDiagnosticsList(change(answer.getDiagnosticsList(), urnOf(call.request)));
        callback(error, answer, ...rest);
      });
  changeService((implementation) => ({
    ...implementation,
    analyze: changed(implementation.analyze as Answering, (found, urn) => {
      // The engine knows of what resource it asks; it will not when it asks about the stack.
      for (const each of found) each.setUrn(urn);
      if (!isPreview) return grouped(found);
      held.push(...found);
      // Grouping writes into messages, and these will be grouped with others.
      if (found.length > 0) early(grouped(held.map((each) => each.cloneMessage())), false);
      return [];
    }),
    analyzeStack: changed(implementation.analyzeStack as Answering, (found) => {
      const all = grouped([...held, ...found]);
      held = [];
      early([], true);
      return all;
    }),
  }));
}

/** A violation as the engine tells it in its events. */
export function violationOf(diagnostic: AnalyzeDiagnostic): Violation {
  return {
    policyName: diagnostic.getPolicyname(),
    message: diagnostic.getMessage(),
    enforcementLevel:
      diagnostic.getEnforcementlevel() === EnforcementLevel.ADVISORY ? "advisory" : "mandatory",
    resourceUrn: diagnostic.getUrn(),
  };
}

function urnOf(request: AnalyzeRequest | AnalyzeStackRequest): string {
  return "getUrn" in request ? request.getUrn() : "";
}

type Call<Request> = (
  call: { readonly request: Request },
  callback: (error: { code: status; details: string }) => void,
) => void;

type Answering = handleUnaryCall<AnalyzeRequest | AnalyzeStackRequest, AnalyzeResponse>;

/**
 * Has a look at what the engine sends to a method of the pack's service; a text that `look` returns
 * is a refusal.
 */
function beforeCall<Request>(method: string, look: (request: Request) => string | undefined): void {
  changeService((implementation) => {
    const answer = implementation[method] as Call<Request>;
    const looked: Call<Request> = (call, callback) => {
      const details = look(call.request);
      if (details === undefined) return answer(call, callback);
      callback({ code: status.INVALID_ARGUMENT, details });
    };
    return { ...implementation, [method]: looked };
  });
}

function changeService(
  change: (implementation: UntypedServiceImplementation) => UntypedServiceImplementation,
): void {
  const original = Reflect.get(Server.prototype, "addService");
  Server.prototype.addService = function (
    this: Server,
    service: ServiceDefinition,
    implementation: UntypedServiceImplementation,
  ) {
    return original.call(this, service, change(implementation));
  };
}

/** A resource as the library hands it to a validation. */
export function declaredOf(args: Pick<ResourceValidationArgs, "type" | "name" | "urn" | "props">): Declared {
  const secrets: string[] = [];
  const props = plain(withoutProxies(args.props), "", secrets) as Record<string, unknown>;
  return { type: args.type, name: args.name, urn: args.urn, props, secrets };
}

interface Internals {
  isSpecialProxy: string;
  getSpecialProxyTarget: string;
  [name: string]: unknown;
}
const internals = proxies as unknown as Internals;

/** The library's texts that stand for unknown values, one for each type of value. */
const unknownTexts: ReadonlySet<unknown> = new Set(
  Object.entries(internals)
    .filter(([name]) => /^unknown[A-Z]\w*Value$/.test(name))
    .map(([, text]) => text),
);

/**
 * The object behind the library's proxies: one throws at every unknown value, one hides the marks
 * of secrets.
 */
function withoutProxies(value: unknown): unknown {
  let object = value as Record<string, unknown>;
  while (object[internals.isSpecialProxy] === true) {
    object = object[internals.getSpecialProxyTarget] as Record<string, unknown>;
  }
  return object;
}

function plain(value: unknown, path: string, secrets: string[]): unknown {
  if (value instanceof Secret) {
    secrets.push(path);
    return plain(value.value, path, secrets);
  }
  if (unknownTexts.has(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item, i) => plain(item, join(path, String(i)), secrets));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, plain(item, join(path, name), secrets)]),
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * The resources of a stack as a graph. The engine shows their outputs.
 *
 * @param evidenceOf evidence that a resource takes, which is among its inputs alone
 */
export function stackNodes(
  resources: readonly PolicyResource[],
  evidenceOf: (urn: string) => unknown,
): readonly StackNode[] {
  const nodes = new Map<string, MutableNode>(
    resources.map((resource) => {
      const declared = declaredOf(resource);
      const { evidence = evidenceOf(resource.urn), ...props } = declared.props;
      return [
        resource.urn,
        {
          ...declared,
          props: evidence === undefined ? props : { ...props, evidence },
          isSlipways: isSlipways(resource),
          propertyDependencies: {},
        },
      ];
    }),
  );
  for (const resource of resources) {
    const node = nodes.get(resource.urn) as MutableNode;
    if (resource.parent) node.parent = nodes.get(resource.parent.urn);
    for (const [property, dependencies] of Object.entries(resource.propertyDependencies)) {
      node.propertyDependencies[property] = dependencies.flatMap(
        (dependency: PolicyResource) => nodes.get(dependency.urn) ?? [],
      );
    }
  }
  return [...nodes.values()];
}

/**
 * Returns whether Slipway's provider makes a resource. Components have no provider, whatever their
 * type is called.
 */
export function isSlipways({ provider }: Pick<ResourceValidationArgs, "provider">): boolean {
  return provider?.type === "pulumi:providers:slipway";
}

interface MutableNode extends Declared {
  readonly isSlipways: boolean;
  parent?: StackNode;
  propertyDependencies: Record<string, readonly StackNode[]>;
}
