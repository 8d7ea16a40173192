import { embeddedAddress } from "../embedded/registry";
import { Registry } from "./registry";

/**
 * The registry of the embedded default, on this machine with its data in the project's `.slipway` folder. The provider
 * starts it when it is needed. Its port is chosen once for a folder and stays.
 */
export function embeddedRegistry(): Registry {
  return new Registry({ endpoint: embeddedAddress(process.cwd()) });
}
