import { notAsked, type Answer } from "../../lib/doctor/finding";
import { recordedAddress } from "../../lib/embedded/address";
import { status } from "../../lib/embedded/registry";

/** What is said of a registry that a release starts, and that does not run now; undefined for every other one. */
export async function sleepingRegistry(project: string, registry: string): Promise<Answer | undefined> {
  if (recordedAddress(project) !== registry || (await status(project)).running) return undefined;
  return notAsked("the registry on this machine does not run: a release starts it");
}
