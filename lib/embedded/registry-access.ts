import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { get } from "node:http";
import { join } from "node:path";

import { randomSecretIn } from "../machine/random-secret";
import { recordedAddress, registryDirectory, registryIdentity } from "./address";

const ANSWER_TIMEOUT_MS = 2_000;
/** A proof has 64 digits; more than this is not one, in bytes. */
const ANSWER_LIMIT = 1024;
const NONCE_BYTES = 32;

const USERNAME = "slipway";

/**
 * The secrets of a project's registry, made with the first look: who may write, and how it proves
 * that it is the one.
 */
export interface RegistrySecrets {
  username: string;
  password: string;
  /** Key of the proof; it never leaves this machine, nor the processes of its user. */
  proofSecret: string;
}

export function registrySecrets(projectDir: string): RegistrySecrets {
  const directory = registryDirectory(projectDir);
  return {
    username: USERNAME,
    password: randomSecretIn(join(directory, "password")),
    proofSecret: randomSecretIn(join(directory, "proof-secret")),
  };
}

/**
 * Credentials for a registry host, if it is the embedded registry of the project. They are for that
 * registry alone: ask {@link provesItself} before they are sent.
 */
export function embeddedCredentials(
  projectDir: string,
  host: string,
): { username: string; password: string } | undefined {
  if (recordedAddress(projectDir) !== host) return undefined;
  const { username, password } = registrySecrets(projectDir);
  return { username, password };
}

/**
 * Environment that makes the registry's program guard what it serves (tools/go/registry/guard.go).
 */
export function guardEnvironment(projectDir: string): Record<string, string> {
  registrySecrets(projectDir);
  return {
    SLIPWAY_REGISTRY_GUARD: registryDirectory(projectDir),
    SLIPWAY_REGISTRY_IDENTITY: registryIdentity(projectDir),
  };
}

/**
 * Returns whether the project's registry answers on a port: a server that knows the project's
 * secret, and says so of this port. Another program that listens there, whoever's it is, can only
 * pass questions on to the one that does, whose answer is about another port.
 */
export async function provesItself(projectDir: string, port: number): Promise<boolean> {
  return (await whoAnswers(projectDir, port)) === "ours";
}

/**
 * Returns who answers on a port: the project's registry, another server, or nobody within two
 * seconds.
 */
export async function whoAnswers(projectDir: string, port: number): Promise<"ours" | "other" | "nobody"> {
  const nonce = randomBytes(NONCE_BYTES).toString("hex");
  const answer = await ask(port, `/slipway/proof?nonce=${nonce}`);
  if (answer === undefined) return "nobody";
  const { proofSecret } = registrySecrets(projectDir);
  const parts = ["slipway-registry-proof", registryIdentity(projectDir), String(port), nonce];
  const expected = createHmac("sha256", proofSecret).update(parts.join("\n")).digest("hex");
  const equal =
    answer.length === expected.length && timingSafeEqual(Buffer.from(answer), Buffer.from(expected));
  return equal ? "ours" : "other";
}

/** The body of an answer, if one comes in time; "" where it is an error or too long. */
function ask(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({
      host: "127.0.0.1",
      port,
      path,
      agent: false,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    request.once("error", () => resolve(undefined));
    request.once("close", () => resolve(undefined));
    request.once("response", (response) => {
      let body = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => {
        body += text;
        if (body.length <= ANSWER_LIMIT) return;
        resolve("");
        request.destroy();
      });
      response.once("error", () => resolve(undefined));
      response.once("end", () => resolve(response.statusCode === 200 ? body : ""));
    });
  });
}
