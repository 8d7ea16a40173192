import { createServer, type AddressInfo, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PluginInfo, type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService, type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { checkFailures, holdsSecret, type Naming } from "../base/check-failures";
import { describeError, withinStatus } from "../base/failure";
import { secretPaths } from "../base/found-secrets";
import {
  decodeProperties,
  encodeProperties,
  type DecodedProperties,
  type Properties,
  secretValues,
  type SecretPaths,
} from "../base/properties";
import { withPresentNames } from "../base/former-names";
import { checkProviderConfig, configFromProperties } from "../base/provider-config";
import type { Provider } from "./provider";
import type { Changes, PropertyChange } from "../run/resource";
import { InputError } from "../../resources/definitions/input-findings";
import { admit } from "../../lib/machine/peer-user.cjs";

/** What the service asks of a provider. */
export type ServedProvider = Pick<Provider, keyof Provider>;

/**
 * The gRPC service of a Pulumi resource provider. The SDK's own servers do not announce preview
 * support, drop detailed differences and configuration, and pass no preview flag; with them no
 * digest would be known at preview.
 *
 * Source: pulumi/pulumi, proto/pulumi/provider.proto.
 */
export function providerService(provider: ServedProvider): Partial<IResourceProviderServer> {
  const decode = (struct: Struct | undefined): DecodedProperties => {
    const decoded = decodeProperties(struct);
    provider.secrets.addValue(secretValues(decoded));
    return decoded;
  };
  /** Those of a resource as it was recorded, which may be under former names. */
  const recorded = (urn: string, struct: Struct | undefined): DecodedProperties =>
    withPresentNames(provider.definition(urn), decode(struct));
  /** Properties for the engine, with what is secret marked. */
  const encode = (values: Properties, secrets: SecretPaths): Struct =>
    encodeProperties(values, secretPaths(values, secrets, provider.secrets));
  const shown = (text: string) => provider.log.shown(text);

  return {
    handshake: unary(provider, async (request: pb.ProviderHandshakeRequest) => {
      provider.connect(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptResources(false)
        .setAcceptOutputs(false);
    }),

    // An engine that did not start this process (PULUMI_DEBUG_PROVIDERS), so that a debugger can
    // have it.
    attach: unary(provider, async (request: PluginAttach) => {
      provider.connect(request.getAddress());
      return new Empty();
    }),

    getSchema: unary(provider, async () => new pb.GetSchemaResponse().setSchema(provider.schema())),

    getPluginInfo: unary(provider, async () => new PluginInfo().setVersion(provider.version)),

    checkConfig: unary(provider, async (request: pb.CheckRequest) => {
      const { values, secrets } = decode(request.getNews());
      const response = new pb.CheckResponse().setInputs(encode(values, secrets));
      // Any of them may be a credential, whether it is marked as one or not.
      const nothing = { mayName: () => false, shown };
      return withFindings(response, nothing, () => checkProviderConfig(values));
    }),

    diffConfig: unary(provider, async (request: pb.DiffRequest) => {
      const olds = JSON.stringify(decode(request.getOldInputs() ?? request.getOlds()).values);
      const news = JSON.stringify(decode(request.getNews()).values);
      // Access to a registry may change (a token is rotated) without anything published being
      // another.
      return new pb.DiffResponse().setChanges(
        olds === news ? pb.DiffResponse.DiffChanges.DIFF_NONE : pb.DiffResponse.DiffChanges.DIFF_SOME,
      );
    }),

    configure: unary(provider, async (request: pb.ConfigureRequest) => {
      const { values } = decode(request.getArgs());
      await provider.configure(configFromProperties(values));
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setAcceptresources(false)
        .setAcceptoutputs(false);
    }),

    invoke: unary(provider, async (request: pb.InvokeRequest) => {
      provider.invoke(request.getTok(), decode(request.getArgs()).values);
      return new pb.InvokeResponse().setReturn(encode({}, new Set()));
    }),

    check: unary(provider, async (request: pb.CheckRequest) => {
      const news = decode(request.getNews());
      const olds = request.getOlds() && recorded(request.getUrn(), request.getOlds()).values;
      const response = new pb.CheckResponse().setInputs(encode(news.values, news.secrets));
      const naming = { mayName: (property: string) => !holdsSecret(news, property, provider.secrets), shown };
      return withFindings(response, naming, async () => {
        const inputs = await provider.check(request.getUrn(), news, olds);
        response.setInputs(encode(inputs, news.secrets));
      });
    }),

    diff: unary(provider, async (request: pb.DiffRequest) => {
      const changes = await provider.diff(
        request.getUrn(),
        request.getId(),
        decode(request.getNews()).values,
        recorded(request.getUrn(), request.getOldInputs()).values,
        recorded(request.getUrn(), request.getOlds()).values,
        request.getIgnorechangesList(),
      );
      return diffResponse(changes);
    }),

    create: unary(provider, async (request: pb.CreateRequest) => {
      const { values, secrets } = decode(request.getProperties());
      const { id, state, refresh } = await provider.create(request.getUrn(), values, request.getPreview());
      return new pb.CreateResponse()
        .setId(id)
        .setProperties(encode(state, secrets))
        .setRefreshBeforeUpdate(refresh);
    }),

    read: unary(provider, async (request: pb.ReadRequest) => {
      const inputs = recorded(request.getUrn(), request.getInputs());
      const state = recorded(request.getUrn(), request.getProperties());
      const found = await provider.read(
        request.getUrn(),
        request.getId(),
        emptyAsUndefined(inputs.values),
        emptyAsUndefined(state.values),
      );
      if (!found) return new pb.ReadResponse().setId("");
      const secrets: SecretPaths = new Set([...inputs.secrets, ...state.secrets]);
      return new pb.ReadResponse()
        .setId(found.id)
        .setInputs(encode(found.inputs, secrets))
        .setProperties(encode(found.state, secrets))
        .setRefreshBeforeUpdate(found.refresh);
    }),

    update: unary(provider, async (request: pb.UpdateRequest) => {
      const { values, secrets } = decode(request.getNews());
      const { state, refresh } = await provider.update(
        request.getUrn(),
        values,
        recorded(request.getUrn(), request.getOldInputs()).values,
        recorded(request.getUrn(), request.getOlds()).values,
        request.getPreview(),
      );
      return new pb.UpdateResponse().setProperties(encode(state, secrets)).setRefreshBeforeUpdate(refresh);
    }),

    delete: unary(provider, async (request: pb.DeleteRequest) => {
      await provider.delete(
        request.getUrn(),
        request.getId(),
        recorded(request.getUrn(), request.getOldInputs()).values,
        recorded(request.getUrn(), request.getProperties()).values,
      );
      return new Empty();
    }),

    // Answered at once: an engine that closes waits for this, and no longer takes messages.
    cancel: (_call, callback) => {
      provider.cancel();
      callback(null, new Empty());
    },
  };
}

/** How long canceled work may take to clean up, in milliseconds. */
const cleanUpMilliseconds = 2_000;

/**
 * Starts the service on a free loopback port. The protocol knows no authentication, so connections of other users are
 * closed before a byte of theirs is read.
 *
 * @param connected gives the provider of a connection: each configuration of the engine has one of its own
 * @param tell is told in a sentence what is noticed about who connects
 */
export async function startServer(
  connected: () => ServedProvider,
  tell: (sentence: string) => void,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const injectors = new Map<ServedProvider, grpc.ConnectionInjector>();
  const injectorOf = (provider: ServedProvider) => {
    const known = injectors.get(provider) ?? injector(provider);
    injectors.set(provider, known);
    return known;
  };
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    if (!admit(socket, tell)) return;
    sockets.add(socket);
    injectorOf(connected()).injectConnection(socket);
  });
  const close = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", () => resolve({ port: (listener.address() as AddressInfo).port, close }));
  });
}

function injector(provider: ServedProvider): grpc.ConnectionInjector {
  // Property maps of large programs exceed gRPC's default of 4 MiB.
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    // Nobody asks for its statistics.
    "grpc.enable_channelz": 0,
  });
  server.addService(ResourceProviderService, providerService(provider) as grpc.UntypedServiceImplementation);
  return server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
}

function unary<Request, Response>(
  provider: ServedProvider,
  handle: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    untilCanceled(handle(call.request), provider.signal)
      .finally(() => provider.log.flush())
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: grpc.status.UNKNOWN,
            details: withinStatus(provider.log.shown(describeError(error))),
          }),
      );
  };
}

/**
 * Waits for work. Once it is canceled it has a moment to clean up after itself; a server that does
 * not answer must not keep a person waiting for the end.
 */
async function untilCanceled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const canceled = new Promise<never>((_resolve, reject) => {
    onAbort = () => (timer = setTimeout(() => reject(signal.reason as Error), cleanUpMilliseconds));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, canceled]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

async function withFindings(
  response: pb.CheckResponse,
  naming: Naming,
  check: () => void | Promise<void>,
): Promise<pb.CheckResponse> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    response.setFailuresList(checkFailures(error.findings, naming));
  }
  return response;
}

const kinds: Record<PropertyChange["kind"], pb.PropertyDiff.Kind> = {
  add: pb.PropertyDiff.Kind.ADD,
  "add-replace": pb.PropertyDiff.Kind.ADD_REPLACE,
  delete: pb.PropertyDiff.Kind.DELETE,
  "delete-replace": pb.PropertyDiff.Kind.DELETE_REPLACE,
  update: pb.PropertyDiff.Kind.UPDATE,
  "update-replace": pb.PropertyDiff.Kind.UPDATE_REPLACE,
};

function diffResponse(changes: Changes): pb.DiffResponse {
  const paths = Object.keys(changes);
  const response = new pb.DiffResponse().setHasdetaileddiff(true);
  if (paths.length === 0) return response.setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE);
  for (const [path, change] of Object.entries(changes)) {
    response
      .getDetaileddiffMap()
      .set(path, new pb.PropertyDiff().setKind(kinds[change.kind]).setInputdiff(change.inputDiff ?? false));
  }
  const topLevel = (path: string) => /^[^.[]+/.exec(path)?.[0] ?? path;
  return response
    .setChanges(pb.DiffResponse.DiffChanges.DIFF_SOME)
    .setDiffsList([...new Set(paths.map(topLevel))])
    .setReplacesList(paths.filter((path) => changes[path]?.kind.endsWith("replace")).map(topLevel));
}

function emptyAsUndefined(values: Properties): Properties | undefined {
  return Object.keys(values).length === 0 ? undefined : values;
}
