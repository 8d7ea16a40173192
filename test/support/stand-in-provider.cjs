"use strict";
// A provider that accepts every resource as it is declared: it stands where an official plugin
// cannot be installed, so that what the engine and the policies make of its resource types can be
// tested. Of what the official plugins do it does one thing: it runs the `create` of a
// `command:local:Command`, whose failure is that of the resource. It prints its port.

const { execFileSync } = require("node:child_process");
const grpc = require("@grpc/grpc-js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const pb = require("@pulumi/pulumi/proto/provider_pb.js");

/** Makes a call's handler of a function from request to response. */
function unary(handler) {
  return (call, callback) => {
    try {
      callback(null, handler(call.request));
    } catch (error) {
      callback(error);
    }
  };
}

/**
 * Stands for a text that is not known yet; the digest and the reference of an image are not before
 * it is built.
 */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function created(request) {
  const outputs = request.getProperties().toJavaScript();
  if (request.getType() === "command:local:Command" && !request.getPreview()) {
    outputs.stdout = execFileSync("/bin/sh", ["-c", outputs.create], { encoding: "utf8" }).trimEnd();
  }
  const made = request.getPreview() ? { digest: UNKNOWN, ref: UNKNOWN } : {};
  return new pb.CreateResponse()
    .setId(request.getPreview() ? "" : "stand-in")
    .setProperties(Struct.fromJavaScript({ ...outputs, ...made }));
}

const server = new grpc.Server();
server.addService(ResourceProviderService, {
  getPluginInfo: unary(() => new PluginInfo().setVersion("1.0.0")),
  getSchema: unary(() => new pb.GetSchemaResponse().setSchema("{}")),
  checkConfig: unary((request) => new pb.CheckResponse().setInputs(request.getNews())),
  diffConfig: unary(() => new pb.DiffResponse().setChanges(1)),
  configure: unary(() => new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
  check: unary((request) => new pb.CheckResponse().setInputs(request.getNews())),
  diff: unary(() => new pb.DiffResponse().setChanges(1)),
  create: unary(created),
  delete: unary(() => new Empty()),
  cancel: unary(() => new Empty()),
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
