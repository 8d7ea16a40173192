import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { ensureBuilt } from "../../tools/build.cjs";

const repository = path.resolve(__dirname, "..", "..");
const policies = path.join(repository, "policies");
const runPolicyPack = path.join(repository, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");

/** A value that the engine does not know yet, as it sends it to an analyzer. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that the engine marks as secret. */
export function secret(value: unknown): object {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

export type Properties = Readonly<Record<string, unknown>>;

/** A resource of a stack as a test declares it; it goes by its name, which is its URN's. */
export interface StackResource {
  type: string;
  name: string;
  props: Properties;
  parent?: string;
  /** A component has no provider, whatever its type is called. */
  isComponent?: boolean;
  /** Names of the resources from which the value of a property comes. */
  from?: Readonly<Record<string, readonly string[]>>;
}

/** What a rule found. */
export interface Violation {
  policy: string;
  message: string;
  level: "advisory" | "mandatory" | "other";
  /** Name of the resource, for what was found in a stack. */
  resource: string;
}

/** The provider that the engine names with a resource: the default one of its package. */
function providerOf(type: string): pb.AnalyzerProviderResource {
  const provider = `pulumi:providers:${type.split(":")[0]}`;
  return new pb.AnalyzerProviderResource()
    .setType(provider)
    .setName("default")
    .setUrn(urnOf(provider, "default"))
    .setProperties(Struct.fromJavaScript({}));
}

/**
 * The compiled policy pack, run as the engine's language host runs it and spoken to in the engine's
 * protocol: what a rule sees has gone through `@pulumi/policy`, with its unknown values and its
 * secrets.
 */
export class PackProcess {
  private readonly lines: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
    readonly port: number,
  ) {}

  /** @param env variables beside those of the tests */
  static async start(env: NodeJS.ProcessEnv = {}): Promise<PackProcess> {
    await ensureBuilt({ ifStale: true, only: ["policies/index.ts"] });
    const child = spawn(process.execPath, [runPolicyPack, "127.0.0.1:1", policies], {
      cwd: policies,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("close", (code) => reject(new Error(`the pack ended with ${code}:\n${errors.join("\n")}`)));
    });
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const pack = new PackProcess(child, client, Number(port));
    createInterface({ input: child.stderr }).on("line", (line) => pack.lines.push(line));
    return pack;
  }

  /** Configures rules; those not named have their defaults again. */
  async configure(config: Readonly<Record<string, Properties>>): Promise<void> {
    const request = new pb.ConfigureAnalyzerRequest();
    const levels = await this.levels();
    for (const [rule, { enforcementLevel, ...properties }] of Object.entries(config)) {
      const level =
        { advisory: 0, mandatory: 1, disabled: 2 }[String(enforcementLevel)] ?? levels.get(rule) ?? 1;
      const entry = new pb.PolicyConfig()
        .setEnforcementlevel(level)
        .setProperties(Struct.fromJavaScript(properties as Record<string, JavaScriptValue>));
      request.getPolicyconfigMap().set(rule, entry);
    }
    await this.call((done) => this.client.configure(request, done));
  }

  /** Tells the stack's configuration, as the engine does before the first resource. */
  async configureStack(
    config: Readonly<Record<string, string>>,
    secretKeys: string[],
    isPreview = false,
  ): Promise<void> {
    const request = new pb.AnalyzerStackConfigureRequest()
      .setStack("dev")
      .setProject("test")
      .setDryRun(isPreview);
    for (const [key, value] of Object.entries(config)) request.getConfigMap().set(key, value);
    request.setConfigSecretKeysList(secretKeys);
    await this.call((done) => this.client.configureStack(request, done));
  }

  /**
   * Hands a resource's inputs to the pack, as the engine does before it does anything with the
   * resource.
   */
  async analyze(
    type: string,
    props: Properties,
    name = "subject",
    isComponent = false,
    /** Types of the components that it is in, and its own, as a URN has them. */
    types = type,
  ): Promise<Violation[]> {
    const request = new pb.AnalyzeRequest()
      .setType(type)
      .setName(name)
      .setUrn(urnOf(types, name))
      .setOptions(new pb.AnalyzerResourceOptions())
      .setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
    if (!isComponent) request.setProvider(providerOf(type));
    return violationsOf(await this.call<pb.AnalyzeResponse>((done) => this.client.analyze(request, done)));
  }

  /** Hands a whole stack to the pack, as the engine does at the end. */
  async analyzeStack(resources: readonly StackResource[]): Promise<Violation[]> {
    const urns = new Map(resources.map(({ type, name }) => [name, urnOf(type, name)]));
    const urn = (name: string) => urns.get(name) ?? "";
    const request = new pb.AnalyzeStackRequest().setResourcesList(
      resources.map(({ type, name, props, parent, from, isComponent }) => {
        const resource = new pb.AnalyzerResource()
          .setType(type)
          .setName(name)
          .setUrn(urn(name))
          .setOptions(new pb.AnalyzerResourceOptions())
          .setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>))
          .setDependenciesList(
            Object.values(from ?? {})
              .flat()
              .map(urn),
          );
        if (parent !== undefined) resource.setParent(urn(parent));
        if (!isComponent) resource.setProvider(providerOf(type));
        for (const [property, names] of Object.entries(from ?? {})) {
          const dependencies = new pb.AnalyzerPropertyDependencies().setUrnsList(names.map(urn));
          resource.getPropertydependenciesMap().set(property, dependencies);
        }
        return resource;
      }),
    );
    return violationsOf(
      await this.call<pb.AnalyzeResponse>((done) => this.client.analyzeStack(request, done)),
    );
  }

  /** Rules with their default levels, as the pack tells them to the engine. */
  async levels(): Promise<Map<string, pb.EnforcementLevel>> {
    const info = await this.call<pb.AnalyzerInfo>((done) => this.client.getAnalyzerInfo(new Empty(), done));
    return new Map(info.getPoliciesList().map((policy) => [policy.getName(), policy.getEnforcementlevel()]));
  }

  /**
   * What the pack has written to standard error since it was last asked, which the engine shows to
   * the user.
   */
  takeReport(): string[] {
    return this.lines.splice(0);
  }

  stop(): void {
    this.client.close();
    this.child.kill();
  }

  private call<T>(run: (done: (error: grpc.ServiceError | null, answer: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      run((error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }
}

function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::test::${type}::${name}`;
}

function violationsOf(response: pb.AnalyzeResponse): Violation[] {
  const levels: Record<number, Violation["level"]> = { 0: "advisory", 1: "mandatory" };
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    message: diagnostic.getMessage(),
    level: levels[diagnostic.getEnforcementlevel()] ?? "other",
    resource: diagnostic.getUrn().split("::").at(-1) ?? "",
  }));
}
