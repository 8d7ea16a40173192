import { failure, notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { HttpTransport } from "../../../lib/oci/transport/http";
import { parseRepository } from "../../../lib/oci/reference";
import { timeOfAnswer } from "../../../lib/oci/transport/clock";
import { GitHubEndpoint } from "../../../lib/github/endpoint";
import { recordedAddress } from "../../../lib/embedded/address";
import { durationText } from "../../../lib/text/duration";
import type { Account } from "../account";
import type { DoctorCheck, Examined } from "../check";

/** A difference that a clock which is set over the network does not have, in milliseconds. */
const noticed = 30_000;
/** Identity tokens and signed requests are good for minutes, in milliseconds. */
const tooMuch = 5 * 60_000;

/** The clock of this machine, compared with those of the hosts that a release asks (`Date` of their answers). */
export const clockCheck: DoctorCheck = {
  name: "clock",
  order: 91,
  questions: (examined) => [...ofRegistries(examined), ...ofGitHub(examined)],
};

function ofRegistries({ declared, project }: Examined) {
  const hosts = new Map<string, Account>();
  for (const { inputs, account } of declared.ofTypes(
    "slipway:oci:Image",
    "slipway:oci:Index",
    "slipway:oci:Manifest",
  )) {
    if (typeof inputs.repository !== "string") continue;
    const { registry } = parseRepository(inputs.repository);
    // The registry of this machine has its clock.
    if (registry !== recordedAddress(project)) hosts.set(registry, account);
  }
  return [...hosts].map(([host, account]) => ({
    about: host,
    ask: async (signal: AbortSignal) =>
      compared(Date.now(), await (await account.services()).registries.timeOf(host, signal), Date.now()),
  }));
}

function ofGitHub({ declared }: Examined) {
  const releases = declared.ofTypes("slipway:github:Release");
  const endpoints = new Map(
    releases.map(({ account }) => [new GitHubEndpoint(account.config.github?.endpoint).url, account]),
  );
  return [...endpoints.keys()].map((url) => ({
    about: new URL(url).host,
    ask: async (signal: AbortSignal) => {
      const transport = new HttpTransport();
      try {
        const begun = Date.now();
        const response = await transport.send({ method: "GET", url: new URL(url), signal });
        await response.discard();
        return compared(begun, timeOfAnswer(response), Date.now());
      } finally {
        await transport.close();
      }
    },
  }));
}

/**
 * @param begun when the answer was asked for, and `ended` when it was there, by our clock
 * @param there the other clock, which has seconds only
 */
export function compared(begun: number, there: number | undefined, ended: number): Answer {
  if (there === undefined) return notAsked("it does not say what time it is");
  // It was that time there at some moment between.
  const ahead = Math.max(0, begun - (there + 1000));
  const behind = Math.max(0, there - ended);
  const off = Math.max(ahead, behind);
  if (off < noticed) return ok("the clocks agree");
  const text = `the clock of this machine is ${durationText(off)} ${ahead > behind ? "ahead of" : "behind"} its clock`;
  const remedy =
    "Set the clock of this machine (timedatectl set-ntp true): signatures by identities and requests to S3 have the time in them.";
  return off < tooMuch ? warning(text, remedy) : failure(text, remedy);
}
