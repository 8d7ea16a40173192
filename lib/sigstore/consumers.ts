/** Programs that verify signatures of images, by what they read. Nothing else is imported here: programs load it. */

/** How a signature is kept: as a bundle that refers to the image, or under the older tag `.sig`. */
export type SignatureForm = "bundle" | "legacy";

/** Names of consumers, as a declaration has them. */
export const consumerNames = ["cosign", "podman", "kyverno", "policy-controller"] as const;

export type Consumer = (typeof consumerNames)[number];

/** What a consumer reads. */
export interface ConsumerFacts {
  /** How it is called for people, with what has the same library. */
  readonly title: string;
  /**
   * Forms that it reads, the first of them that is there. Those who read both take no notice of the
   * older form once there is a bundle.
   */
  readonly forms: readonly SignatureForm[];
}

/**
 * What is known of consumers: what a release can rely on, in every version that is in use. Sources
 * and dates are in docs/consumers.md.
 */
export const consumers: Readonly<Record<Consumer, ConsumerFacts>> = {
  cosign: { title: "cosign 3", forms: ["bundle", "legacy"] },
  podman: { title: "podman, skopeo, CRI-O, bootc", forms: ["legacy"] },
  kyverno: { title: "Kyverno", forms: ["legacy"] },
  "policy-controller": { title: "policy-controller", forms: ["legacy"] },
};

/** Consumers that read signatures of the older form alone. */
export function legacyConsumers(names: readonly Consumer[]): Consumer[] {
  return names.filter((name) => !consumers[name].forms.includes("bundle"));
}
