"use strict";
// The certificates of NODE_EXTRA_CA_CERTS, trusted as Node trusts them, but read by the first
// connection that needs them. pulumi-resource-slipway starts Node without that variable; commands
// that this process runs have it again.

const fs = require("node:fs");

/** Options that make a TLS context differ from the usual one (Node, tls.createSecureContext). */
const settings = [
  ...["ca", "cert", "key", "pfx", "passphrase", "crl", "dhparam", "ecdhCurve", "sigalgs", "ciphers"],
  ...["minVersion", "maxVersion", "secureProtocol", "secureOptions", "honorCipherOrder", "sessionIdContext"],
  ...["sessionTimeout", "ticketKeys", "clientCertEngine", "privateKeyEngine", "privateKeyIdentifier"],
  "allowPartialTrustChain",
];

/**
 * Lets TLS connections of this process trust the certificates of a file as well. As with Node's own
 * variable, that holds where a connection names no authorities itself, and a file that cannot be
 * read is told of and passed over.
 */
exports.trustLater = function trustLater(file) {
  process.env.NODE_EXTRA_CA_CERTS = file;
  const tls = require("node:tls");
  const create = tls.createSecureContext;
  let certificates;
  let usual;

  const createTrusting = (options) => {
    const context = create.call(tls, options);
    certificates ??= readCertificates(file);
    if (certificates !== "") context.context.addCACert(certificates);
    return context;
  };
  tls.createSecureContext = (options = {}) => {
    if (options.ca !== undefined) return create.call(tls, options);
    if (settings.some((name) => options[name] !== undefined)) return createTrusting(options);
    // A store of authorities takes long to make, and all usual connections have the same.
    return (usual ??= createTrusting({}));
  };
};

function readCertificates(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    process.emitWarning(`NODE_EXTRA_CA_CERTS: the certificates of ${file} are ignored: ${error.message}`);
    return "";
  }
}
