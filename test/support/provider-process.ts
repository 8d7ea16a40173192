import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { decodeProperties, encodeProperties, type Properties } from "../../provider/properties";

const repository = path.resolve(__dirname, "..", "..");

/** A resource as a test knows it. */
export interface Held {
  urn: string;
  id: string;
  inputs: Properties;
  state: Properties;
}

/** What `check` found wrong. */
export class CheckFailed extends Error {
  constructor(readonly failures: { property: string; reason: string }[]) {
    super(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }
}

/** The compiled provider in a process of its own, spoken to in the engine's protocol, without an engine. */
export class ProviderProcess {
  /** Messages that the provider showed, ephemeral ones included. */
  readonly messages: string[] = [];

  private constructor(
    readonly process: ChildProcess,
    private readonly client: ResourceProviderClient,
    private readonly engine: grpc.Server,
    messages: string[],
  ) {
    this.messages = messages;
  }

  /** @param project folder that relative paths are relative to */
  static async start(
    project: string,
    config: Properties = {},
    env: NodeJS.ProcessEnv = {},
  ): Promise<ProviderProcess> {
    const messages: string[] = [];
    const engine = new grpc.Server();
    const service: Partial<IEngineServer> = {
      log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, callback: grpc.sendUnaryData<Empty>) => {
        messages.push(call.request.getMessage());
        callback(null, new Empty());
      },
    };
    engine.addService(EngineService, service as grpc.UntypedServiceImplementation);
    const enginePort = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    const child = spawn(
      path.join(repository, "provider", "pulumi-resource-slipway"),
      [`127.0.0.1:${enginePort}`],
      {
        cwd: project,
        env: { ...process.env, DOCKER_CONFIG: path.join(project, ".docker"), ...env },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    const provider = new ProviderProcess(child, client, engine, messages);
    const request = new pb.ConfigureRequest()
      .setArgs(
        encodeProperties(
          Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)])),
        ),
      )
      .setAcceptsecrets(true);
    await provider.call<pb.ConfigureResponse>((done) => client.configure(request, done));
    return provider;
  }

  async check(type: string, inputs: Properties, old?: Properties): Promise<Properties> {
    const request = new pb.CheckRequest().setUrn(urnOf(type)).setNews(encodeProperties(inputs));
    if (old) request.setOlds(encodeProperties(old));
    const response = await this.call<pb.CheckResponse>((done) => this.client.check(request, done));
    const failures = response.getFailuresList();
    if (failures.length > 0) {
      throw new CheckFailed(
        failures.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
      );
    }
    return decodeProperties(response.getInputs()).values;
  }

  /** Checks and creates, as the engine does. */
  async create(type: string, inputs: Properties, preview = false): Promise<Held> {
    const checked = await this.check(type, inputs);
    const request = new pb.CreateRequest()
      .setUrn(urnOf(type))
      .setProperties(encodeProperties(checked))
      .setPreview(preview);
    const response = await this.call<pb.CreateResponse>((done) => this.client.create(request, done));
    return {
      urn: urnOf(type),
      id: response.getId(),
      inputs: checked,
      state: decodeProperties(response.getProperties()).values,
    };
  }

  /** Observes a resource; undefined where it is gone. */
  async read(held: Held): Promise<Held | undefined> {
    const request = new pb.ReadRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setInputs(encodeProperties(held.inputs))
      .setProperties(encodeProperties(held.state));
    return this.readAs(held.urn, request);
  }

  /** Reads a resource that is not known yet by its id. */
  async import(type: string, id: string): Promise<Held | undefined> {
    return this.readAs(urnOf(type), new pb.ReadRequest().setUrn(urnOf(type)).setId(id));
  }

  private async readAs(urn: string, request: pb.ReadRequest): Promise<Held | undefined> {
    const response = await this.call<pb.ReadResponse>((done) => this.client.read(request, done));
    if (response.getId() === "") return undefined;
    return {
      urn,
      id: response.getId(),
      inputs: decodeProperties(response.getInputs()).values,
      state: decodeProperties(response.getProperties()).values,
    };
  }

  /** Checks new inputs against a resource and tells the differences, by property. */
  async diff(
    held: Held,
    inputs: Properties,
  ): Promise<{ inputs: Properties; changes: string[]; replaces: string[] }> {
    const checked = await this.check(held.urn.split("::")[2] ?? "", inputs, held.inputs);
    const request = new pb.DiffRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs))
      .setOlds(encodeProperties(held.state))
      .setNews(encodeProperties(checked));
    const response = await this.call<pb.DiffResponse>((done) => this.client.diff(request, done));
    return { inputs: checked, changes: response.getDiffsList(), replaces: response.getReplacesList() };
  }

  async update(held: Held, inputs: Properties, preview = false): Promise<Held> {
    const checked = await this.check(held.urn.split("::")[2] ?? "", inputs, held.inputs);
    const request = new pb.UpdateRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs))
      .setOlds(encodeProperties(held.state))
      .setNews(encodeProperties(checked))
      .setPreview(preview);
    const response = await this.call<pb.UpdateResponse>((done) => this.client.update(request, done));
    return { ...held, inputs: checked, state: decodeProperties(response.getProperties()).values };
  }

  async delete(held: Held): Promise<void> {
    const request = new pb.DeleteRequest()
      .setUrn(held.urn)
      .setId(held.id)
      .setOldInputs(encodeProperties(held.inputs))
      .setProperties(encodeProperties(held.state));
    await this.call<Empty>((done) => this.client.delete(request, done));
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

  private async call<T>(
    start: (done: (error: grpc.ServiceError | null, response: T) => void) => unknown,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      start((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
    });
  }
}

function urnOf(type: string): string {
  return `urn:pulumi:dev::test::${type}::it`;
}
