"use strict";
// Stands in for the SDK's module runtime/closure/v8Hooks in a program that is preloaded with
// register.cjs. The SDK connects to V8's inspector at every start, for programs that turn functions
// into text (the callbacks of AWS Lambda). An inspector that listens slows all that is loaded after
// it, so here it is connected when the first function is turned into text: it then tells of the
// scripts that were loaded before.

const urls = new Map();
let session;

function connected() {
  require("node:v8").setFlagsFromString("--allow-natives-syntax");
  const { Session } = require("node:inspector");
  const inspector = new Session();
  inspector.connect();
  inspector.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  return new Promise((resolve, reject) => {
    inspector.post("Debugger.enable", (error) => (error ? reject(error) : resolve(inspector)));
  });
}

exports.isInitializedAsync = async () => {};
exports.getSessionAsync = () => (session ??= connected());
exports.getScriptUrl = (id) => urls.get(id);

/** Whether it has been connected, with V8's settings changed. */
exports.isConnected = () => session !== undefined;
