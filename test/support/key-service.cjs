"use strict";
// A key management service for cosign's own plug-in protocol (sigstore/sigstore,
// pkg/signature/kms/cliplugin): it is called as `sigstore-kms-NAME v1 ARGUMENTS`, and the key that
// it keeps is a file, $KEY_SERVICE_FOLDER/KEY.pem.

const { createPrivateKey, createPublicKey, sign, verify } = require("node:crypto");
const { appendFileSync, readFileSync } = require("node:fs");
const path = require("node:path");

const request = JSON.parse(process.argv[3]);
const folder = process.env.KEY_SERVICE_FOLDER;
appendFileSync(path.join(folder, "requests"), `${request.methodName}\n`);

function respond() {
  const { keyResourceID } = request.initOptions;
  const key = createPrivateKey(readFileSync(path.join(folder, `${keyResourceID}.pem`)));
  const message = () => readFileSync(0);
  switch (request.methodName) {
    case "defaultAlgorithm":
      return { defaultAlgorithm: { defaultAlgorithm: "ecdsa-p256-sha256" } };
    case "supportedAlgorithms":
      return { supportedAlgorithms: { supportedAlgorithms: ["ecdsa-p256-sha256"] } };
    case "publicKey": {
      const pem = createPublicKey(key).export({ type: "spki", format: "pem" });
      return { publicKey: { publicKeyPEM: Buffer.from(pem).toString("base64") } };
    }
    case "signMessage":
      return { signMessage: { signature: sign("sha256", message(), key).toString("base64") } };
    case "verifySignature": {
      const signature = Buffer.from(request.verifySignature.signature, "base64");
      if (!verify("sha256", message(), createPublicKey(key), signature)) throw new Error("invalid signature");
      return { verifySignature: {} };
    }
    default:
      throw new Error(`${request.methodName} is not supported`);
  }
}

try {
  process.stdout.write(JSON.stringify(respond()));
} catch (error) {
  process.stdout.write(JSON.stringify({ errorMessage: error.message }));
}
