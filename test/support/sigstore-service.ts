import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  type initializeTSA,
} from "@sigstore/mock";

/**
 * A Sigstore instance of a test: a certificate authority (Fulcio), its certificate log and a
 * transparency log (Rekor) with keys of their own, on this machine. It signs for any token; who
 * verifies needs its trusted root.
 */
export interface SigstoreService {
  /** Address of certificate authority and log. */
  url: string;
  /** Bodies of the requests so far. */
  requests: string[];
  /** Writes the trusted root of this instance. */
  writeTrustedRoot(file: string): Promise<void>;
  stop(): Promise<void>;
}

/** An identity token that nobody has signed: the authority of the test does not ask. */
export function identityToken(issuer: string, subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: subject, aud: "sigstore", iat: now, exp: now + 600 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.${Buffer.from("none").toString("base64url")}`;
}

export async function startSigstoreService(): Promise<SigstoreService> {
  const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ctLog = await initializeCTLog(pair());
  const authority = await initializeCA(pair(), ctLog);
  const requests: string[] = [];
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = await initializeTLog(url, pair());
  const fulcio = fulcioHandler(authority, { strict: true });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    requests.push(body);
    const reply = (status: number, content: string) =>
      response.writeHead(status, { "content-type": "application/json" }).end(content);
    if (request.url === fulcio.path) {
      const { statusCode, response: content } = await fulcio.fn(body);
      const text = typeof content === "string" ? content : Buffer.from(content.buffer).toString("utf8");
      reply(statusCode, text);
    } else if (request.url === "/api/v1/log/entries") {
      reply(201, JSON.stringify(await log.log(asLogged(JSON.parse(body) as ProposedEntry))));
    } else {
      reply(404, "{}");
    }
  }

  const root = trustedRootOf(url, { authority, ctLog, log }, new Date(Date.now() - 60_000));
  return {
    url,
    requests,
    writeTrustedRoot: (file) => writeFile(file, JSON.stringify(root)),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What a trusted root tells of an instance. */
export interface SigstoreParts {
  authority: Awaited<ReturnType<typeof initializeCA>>;
  ctLog: Awaited<ReturnType<typeof initializeCTLog>>;
  log: Awaited<ReturnType<typeof initializeTLog>>;
  timestamps?: Awaited<ReturnType<typeof initializeTSA>>;
}

/** The trusted root of an instance. @param start of the time for which its parts are trusted */
export function trustedRootOf(
  url: string,
  { authority, ctLog, log, timestamps }: SigstoreParts,
  start: Date,
): object {
  const validFor = { start: start.toISOString() };
  const base64 = (bytes: ArrayBufferView) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  const logEntry = (publicKey: Buffer) => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: base64(publicKey), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
    logId: { keyId: createHash("sha256").update(publicKey).digest("base64") },
  });
  const authorityOf = (...certificates: ArrayBufferView[]) => ({
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    uri: url,
    certChain: { certificates: certificates.map((one) => ({ rawBytes: base64(one) })) },
    validFor,
  });
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logEntry(log.publicKey)],
    certificateAuthorities: [authorityOf(authority.rootCertificate)],
    ctlogs: [logEntry(ctLog.publicKey)],
    timestampAuthorities: timestamps
      ? [authorityOf(timestamps.intCertificate, timestamps.rootCertificate)]
      : [],
  };
}

export interface ProposedEntry {
  kind: string;
  spec: { proposedContent?: { envelope: string; verifiers: string[] } };
}

/**
 * What Rekor puts into its log of an envelope: hashes and signatures, not the envelope
 * (sigstore/rekor, pkg/types/dsse/v0.0.1). The mock of the log takes what is proposed as it is.
 */
export function asLogged(entry: ProposedEntry): object {
  const proposed = entry.spec.proposedContent;
  if (entry.kind !== "dsse" || !proposed) return entry;
  const envelope = JSON.parse(proposed.envelope) as { payload: string; signatures: { sig: string }[] };
  const sha256 = (content: string | Buffer) => ({
    algorithm: "sha256",
    value: createHash("sha256").update(content).digest("hex"),
  });
  return {
    ...entry,
    spec: {
      envelopeHash: sha256(proposed.envelope),
      payloadHash: sha256(Buffer.from(envelope.payload, "base64")),
      signatures: envelope.signatures.map(({ sig }, index) => ({
        signature: sig,
        verifier: proposed.verifiers[index],
      })),
    },
  };
}
