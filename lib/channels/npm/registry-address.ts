import { checkServiceAddress } from "../service-address";

/** npm's own registry. */
export const npmjs = "https://registry.npmjs.org";

/** @throws Error for what is no address of a registry */
export function checkRegistryAddress(address: string): void {
  checkServiceAddress(address, "a registry", npmjs);
}
