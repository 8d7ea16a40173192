import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import type { Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asRecord, asText } from "../reading/values";

/** An address that something is read from, as a resource declares it. */
interface Source {
  readonly address: string;
  /** Whether something else says what its content has to be. */
  readonly verified?: boolean;
}

export const downloadsOverTls: Rule = {
  name: "downloads-over-tls",
  description:
    "Checks that what is downloaded from other machines, or judged by their answer, comes over TLS, or is verified by a digest or a signature.",
  remedy: "Give an https address; a release asset can have `digest` or `signature` instead.",
  level: "mandatory",
  severity: "high",
  looksAt: ["download", "downloads"],
  types: ["slipway:release:Asset", "slipway:gate:Check", "docker-build:index:Image"],
  check: (resource) => sourcesOf(resource).map(overTls),
};

function overTls({ address, verified = false }: Source): Outcome {
  const what = `download ${address}`;
  if (verified || !isInTheClear(address)) return { what };
  return { what, finding: "comes over plain HTTP: anybody on the way can change it" };
}

function sourcesOf({ type, props }: Declared): Source[] {
  switch (type) {
    case "slipway:release:Asset":
      return source(props.from, props.digest !== undefined || props.signature !== undefined);
    case "slipway:gate:Check":
      return [...source(asRecord(props.http).url), ...source(asRecord(props.checksum).url, true)];
    default: {
      const context = asRecord(props.context);
      const named = Object.values(asRecord(context.named)).map(asRecord);
      return [context, ...named, asRecord(props.dockerfile)].flatMap(({ location }) => source(location));
    }
  }
}

function source(address: unknown, verified = false): Source[] {
  const text = asText(address);
  return text !== undefined && /^https?:/i.test(text) ? [{ address: text, verified }] : [];
}
