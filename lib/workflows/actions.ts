import { Commented } from "./yaml-text";

/**
 * Actions that rendered workflows use, each by the commit of a tag in its repository. `.github/renovate.json` proposes
 * newer ones here and in this repository's own workflows at once.
 */
const pins = [
  "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
  "actions/checkout@d23441a48e516b6c34aea4fa41551a30e30af803 # v6.1.0",
  "actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0",
  "actions/setup-node@249970729cb0ef3589644e2896645e5dc5ba9c38 # v6.5.0",
  "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0",
] as const;

type Pin = (typeof pins)[number];

/** Name of an action that has a pin, e.g. `actions/checkout`. */
export type ActionName = Pin extends `${infer Name}@${string}` ? Name : never;

/** The `uses` of an action: its commit, and beside it the version. */
export function pinned(name: ActionName): Commented {
  const pin = pins.find((one) => one.startsWith(`${name}@`)) ?? "";
  const [uses = "", version = ""] = pin.split(" # ");
  return new Commented(uses, version);
}
