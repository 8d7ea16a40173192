import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import {
  decodeProperties,
  encodeProperties,
  type DecodedProperties,
  type Properties,
  type SecretPaths,
} from "../../provider/base/properties";
import { Unknown } from "../../provider/base/unknown";

const repository = path.resolve(__dirname, "..", "..");

/** A resource as a test knows it. */
export interface Held {
  urn: string;
  id: string;
  inputs: Properties;
  state: Properties;
  /** Paths that came marked as secret; they are sent back so. */
  secrets?: { inputs: SecretPaths; state: SecretPaths };
}

/** A message in the engine's display. */
export interface ShownMessage {
  severity: "debug" | "info" | "warning" | "error";
  text: string;
  urn: string;
  /** Whether the next message takes its place. */
  ephemeral: boolean;
}

/** An input value that the engine marks as secret. */
export class SecretInput {
  constructor(readonly value: unknown) {}
}

/** Marks an input value as secret. */
export function secret(value: unknown): SecretInput {
  return new SecretInput(value);
}

/** What `check` found wrong. */
export class CheckFailed extends Error {
  constructor(readonly failures: { property: string; reason: string }[]) {
    super(
      failures
        .map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`))
        .join("\n"),
    );
  }
}

/**
 * The compiled provider in a process of its own, spoken to in the engine's protocol, without an
 * engine.
 */
export class ProviderProcess {
  private constructor(
    readonly process: ChildProcess,
    private readonly client: ResourceProviderClient,
    private readonly engine: grpc.Server,
    /** Where it serves the engine. */
    readonly port: number,
    /** Messages that the provider showed, in order. */
    readonly shown: readonly ShownMessage[],
    /** Lines on the provider's standard error, which is for what goes wrong outside of any call. */
    readonly errorLines: readonly string[],
    /** Address of the engine as the provider knows it. */
    readonly engineAddress: string,
  ) {}

  /**
   * Starts a provider and configures it.
   *
   * @param project folder that relative paths are relative to
   */
  static async start(
    project: string,
    config: Properties = {},
    env: NodeJS.ProcessEnv = {},
    sameRunAs?: ProviderProcess,
  ): Promise<ProviderProcess> {
    const provider = await ProviderProcess.launch(project, env, sameRunAs);
    try {
      await provider.configure(config);
    } catch (error) {
      await provider.stop();
      throw error;
    }
    return provider;
  }

  /**
   * Starts a provider that is not configured yet.
   *
   * @param sameRunAs provider of the run that this one takes part in; one of its own by default
   * @param attached whether it was started by hand, and the engine attaches to it
   */
  static async launch(
    project: string,
    env: NodeJS.ProcessEnv = {},
    sameRunAs?: ProviderProcess,
    attached = false,
  ): Promise<ProviderProcess> {
    const shown: ShownMessage[] = [];
    const engine = new grpc.Server();
    const enginePort = await serveLog(engine, (message) => shown.push(message));
    const engineAddress = sameRunAs?.engineAddress ?? `127.0.0.1:${enginePort}`;
    const program = path.join(repository, "provider", "pulumi-resource-slipway");
    const child = spawn(program, attached ? [] : [engineAddress], {
      cwd: project,
      env: { ...process.env, DOCKER_CONFIG: path.join(project, ".docker"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    const errorLines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => errorLines.push(line));
    const ended = once(child, "close").then(() => {
      throw new Error(`the provider did not start:\n${errorLines.join("\n")}`);
    });
    ended.catch(() => undefined);
    const [port] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [
      string,
    ];
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    const started = new ProviderProcess(
      child,
      client,
      engine,
      Number(port),
      shown,
      errorLines,
      engineAddress,
    );
    if (attached)
      await started.call<Empty>((done) => client.attach(new PluginAttach().setAddress(engineAddress), done));
    return started;
  }

  /** Texts of the messages that the provider showed, ephemeral ones included. */
  get messages(): string[] {
    return this.shown.map(({ text }) => text);
  }

  /** Configures the provider. Values are sent as the engine does: as JSON. */
  async configure(config: Properties): Promise<void> {
    const request = new pb.ConfigureRequest().setArgs(encodeConfig(config)).setAcceptsecrets(true);
    await this.call<pb.ConfigureResponse>((done) => this.client.configure(request, done));
  }

  /** Has the configuration checked. @throws CheckFailed */
  async checkConfig(config: Properties): Promise<void> {
    const request = new pb.CheckRequest().setNews(encodeConfig(config));
    refuseFailures(await this.call<pb.CheckResponse>((done) => this.client.checkConfig(request, done)));
  }

  async check(type: string, inputs: Properties, old?: Properties): Promise<Properties> {
    return (await this.checkKeepingSecrets(type, inputs, old)).values;
  }

  /** Checks and creates, as the engine does. */
  async create(type: string, inputs: Properties, preview = false, name?: string): Promise<Held> {
    const checked = await this.checkKeepingSecrets(type, inputs, undefined, name);
    return this.createChecked(type, checked, preview, name);
  }

  /** Creates from inputs that were checked, by this process or another. */
  async createChecked(
    type: string,
    checked: DecodedProperties,
    preview = false,
    name?: string,
  ): Promise<Held> {
    const request = new pb.CreateRequest()
      .setUrn(urnOf(type, name))
      .setProperties(encodeProperties(checked.values, checked.secrets))
      .setPreview(preview);
    const response = await this.call<pb.CreateResponse>((done) => this.client.create(request, done));
    const state = decodeProperties(response.getProperties());
    return {
      urn: urnOf(type, name),
      id: response.getId(),
      inputs: checked.values,
      state: state.values,
      secrets: { inputs: checked.secrets, state: state.secrets },
    };
  }

  /** Observes a resource; undefined where it is gone. */
  async read(held: Held): Promise<Held | undefined> {
    const request = new pb.ReadRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setInputs(encodeProperties(held.inputs, held.secrets?.inputs))
      .setProperties(encodeProperties(held.state, held.secrets?.state));
    return this.readAs(held.urn, request);
  }

  /** Reads a resource that is not known yet by its id. */
  async import(type: string, id: string): Promise<Held | undefined> {
    return this.readAs(urnOf(type), new pb.ReadRequest().setUrn(urnOf(type)).setId(id));
  }

  private async readAs(urn: string, request: pb.ReadRequest): Promise<Held | undefined> {
    const response = await this.call<pb.ReadResponse>((done) => this.client.read(request, done));
    if (response.getId() === "") return undefined;
    const inputs = decodeProperties(response.getInputs());
    const state = decodeProperties(response.getProperties());
    return {
      urn,
      id: response.getId(),
      inputs: inputs.values,
      state: state.values,
      secrets: { inputs: inputs.secrets, state: state.secrets },
    };
  }

  /**
   * Checks new inputs against a resource and tells the differences: the properties, and in
   * `details` the kind of each difference by its path.
   */
  async diff(
    held: Held,
    inputs: Properties,
  ): Promise<{
    inputs: Properties;
    changes: string[];
    replaces: string[];
    details: Record<string, string>;
  }> {
    const checked = await this.checkKeepingSecrets(typeOf(held), inputs, held.inputs, nameOf(held));
    const request = new pb.DiffRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs, held.secrets?.inputs))
      .setOlds(encodeProperties(held.state, held.secrets?.state))
      .setNews(encodeProperties(checked.values, checked.secrets));
    const response = await this.call<pb.DiffResponse>((done) => this.client.diff(request, done));
    const details: Record<string, string> = {};
    response.getDetaileddiffMap().forEach((change: pb.PropertyDiff, path: string) => {
      details[path] = diffKinds[change.getKind()] ?? String(change.getKind());
    });
    return {
      inputs: checked.values,
      changes: response.getDiffsList(),
      replaces: response.getReplacesList(),
      details,
    };
  }

  async update(held: Held, inputs: Properties, preview = false): Promise<Held> {
    const checked = await this.checkKeepingSecrets(typeOf(held), inputs, held.inputs, nameOf(held));
    const request = new pb.UpdateRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs, held.secrets?.inputs))
      .setOlds(encodeProperties(held.state, held.secrets?.state))
      .setNews(encodeProperties(checked.values, checked.secrets))
      .setPreview(preview);
    const response = await this.call<pb.UpdateResponse>((done) => this.client.update(request, done));
    const state = decodeProperties(response.getProperties());
    return {
      ...held,
      inputs: checked.values,
      state: state.values,
      secrets: { inputs: checked.secrets, state: state.secrets },
    };
  }

  async delete(held: Held): Promise<void> {
    const request = new pb.DeleteRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs, held.secrets?.inputs))
      .setProperties(encodeProperties(held.state, held.secrets?.state));
    await this.call<Empty>((done) => this.client.delete(request, done));
  }

  /** Asks the provider to end what is under way. */
  async cancel(): Promise<void> {
    await this.call<Empty>((done) => this.client.cancel(new Empty(), done));
  }

  async schema(): Promise<string> {
    const response = await this.call<pb.GetSchemaResponse>((done) =>
      this.client.getSchema(new pb.GetSchemaRequest(), done),
    );
    return response.getSchema();
  }

  /** Ends the provider; resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.client.close();
    this.engine.forceShutdown();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, "exit");
    this.process.kill(signal);
    await exited;
  }

  /** Has inputs checked, keeping which of the checked ones are secret. @throws CheckFailed */
  async checkKeepingSecrets(
    type: string,
    inputs: Properties,
    old?: Properties,
    name?: string,
  ): Promise<DecodedProperties> {
    const request = new pb.CheckRequest().setUrn(urnOf(type, name)).setNews(encodeInputs(inputs));
    if (old) request.setOlds(encodeProperties(old));
    const response = await this.call<pb.CheckResponse>((done) => this.client.check(request, done));
    refuseFailures(response);
    return decodeProperties(response.getInputs());
  }

  private async call<T>(
    start: (done: (error: grpc.ServiceError | null, response: T) => void) => unknown,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      start((error, response) => {
        if (!error) resolve(response);
        // A provider that ended says why on its way.
        else if (error.code !== grpc.status.UNAVAILABLE) reject(new Error(error.details));
        else setTimeout(() => reject(new Error([error.details, ...this.errorLines].join("\n"))), 200);
      });
    });
  }
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Serves the engine's log on a free port, which it returns. */
async function serveLog(engine: grpc.Server, show: (message: ShownMessage) => void): Promise<number> {
  const severities = ["debug", "info", "warning", "error"] as const;
  const service: Partial<IEngineServer> = {
    log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, callback: grpc.sendUnaryData<Empty>) => {
      const { request } = call;
      show({
        severity: severities[request.getSeverity()] ?? "error",
        text: request.getMessage(),
        urn: request.getUrn(),
        ephemeral: request.getEphemeral(),
      });
      callback(null, new Empty());
    },
  };
  engine.addService(EngineService, service as grpc.UntypedServiceImplementation);
  return new Promise((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}

function refuseFailures(response: pb.CheckResponse): void {
  const failures = response.getFailuresList();
  if (failures.length === 0) return;
  throw new CheckFailed(
    failures.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
  );
}

/** Configuration as the engine sends it: every value as JSON text. */
function encodeConfig(config: Properties): Struct {
  return encodeProperties(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );
}

/** Inputs as a program declares them, with what is marked by {@link secret}. */
function encodeInputs(inputs: Properties): Struct {
  const secrets = new Set<string>();
  const plain = (value: unknown, keys: string[]): unknown => {
    if (value instanceof SecretInput) {
      secrets.add(JSON.stringify(keys));
      return plain(value.value, keys);
    }
    if (Array.isArray(value)) return value.map((item, index) => plain(item, [...keys, String(index)]));
    if (typeof value !== "object" || value === null || value instanceof Unknown) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, [...keys, key])]));
  };
  return encodeProperties(plain(inputs, []) as Properties, secrets);
}

/** Kinds of differences in the order of the protocol (provider.proto, PropertyDiff.Kind). */
const diffKinds = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

function typeOf(held: Held): string {
  return held.urn.split("::")[2] ?? "";
}

function nameOf(held: Held): string | undefined {
  return held.urn.split("::")[3];
}

function urnOf(type: string, name = "it"): string {
  return `urn:pulumi:dev::test::${type}::${name}`;
}
