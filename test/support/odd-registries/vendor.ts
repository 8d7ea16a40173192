import {
  htpasswdUser,
  startCraneRegistry,
  startDebianRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../registries";
import type { Behavior } from "./exchange";
import { startFront, type Front } from "./front";

/** A behavior of a registry that is not in the specification, and where it was seen. */
export interface Vendor {
  /** As a file name: the vendor, and what of it where it has more than one. */
  name: string;
  /** In one sentence, to go on after the vendor's name. */
  behavior: string;
  /** URL of a public report. */
  source: string;
  /** The real registry behind it; Distribution 3 unless given. */
  registry?: "distribution" | "debian" | "crane" | "referrers";
  /** Whether it wants credentials ({@link htpasswdUser}); only with Distribution and Debian's. */
  signedIn?: boolean;
  /** False where nothing that is pushed with a `subject` can ever be listed, in no way. */
  holdsReferrers?: false;
  /** How long it shows what was before something was put, in milliseconds; not at all unless given. */
  lateMs?: number;
  /** The behavior with a state of its own. */
  behave(): Behavior;
}

/** A registry of a vendor. */
export interface OddRegistry extends Front {
  vendor: Vendor;
  /** What is behind the front. */
  registry: TestRegistry;
  /** What clients sign in with, where it wants credentials. */
  credentials?: { username: string; password: string };
}

const starts = {
  distribution: startDistribution,
  debian: startDebianRegistry,
  crane: () => startCraneRegistry(),
  referrers: () => startReferrersRegistry(),
};

/** Starts a vendor's registry with an empty storage. */
export async function startVendor(vendor: Vendor): Promise<OddRegistry> {
  const registry = await starts[vendor.registry ?? "distribution"](
    vendor.signedIn ? { auth: "htpasswd" } : {},
  );
  const front = await startFront(registry.port, vendor.behave());
  return {
    ...front,
    vendor,
    registry,
    ...(vendor.signedIn ? { credentials: htpasswdUser } : {}),
    stop: async () => {
      await front.stop();
      await registry.stop();
    },
  };
}
