import { startDistribution } from "../../test/support/registries";
import type { Contest, Job } from "../contest";
import { GrowingStack, type Variant } from "../scale/growing-stack";

const few = 10;
const some = 40;
const many = 100;

/** `pulumi up` of many images that are signed and described, against one of few of them. */
export const scale: Job = {
  name: "scale",
  description:
    `processor time of pulumi up of ${many} and ${some} images, signed, with SBOMs and provenance, ` +
    `against that of ${few}`,
  async prepare() {
    const registry = await startDistribution();
    const stacks = await Promise.all([many, some, few].map((count) => GrowingStack.create(registry, count)));
    let open = 3;
    const close = async () => {
      open -= 1;
      if (open > 0) return;
      await Promise.all(stacks.map((stack) => stack.remove()));
      await registry.stop();
    };
    const contest = (variant: Variant): Contest => {
      const [ours, ...peers] = stacks.map((stack) => stack.contestant(variant));
      if (!ours) throw new Error("there is nothing to measure");
      return {
        variant,
        runs: 1,
        ours,
        peers,
        notes: async () => stacks.map((stack) => stack.note(variant)),
        close,
      };
    };
    return [contest("new"), contest("one image changed"), contest("unchanged")];
  },
};
