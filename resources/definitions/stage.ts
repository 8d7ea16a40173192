import * as z from "zod";
import { defineResource, prose } from "./definition";

/** `slipway:release:Stage`: what holds a release together. */
export const stageDefinition = defineResource({
  token: "slipway:release:Stage",
  description:
    "A stage of a release: it is reached when everything that it depends on is done, and what follows depends on the " +
    "stage alone. So nothing that follows is begun where one thing has failed, and no resource has to name all " +
    "others. It makes nothing.",
  inputs: z.strictObject({
    reached: prose(z.string().min(1, "what holds is expected")).meta({
      description: "What holds then, in words.",
      examples: ["everything is proven"],
    }),
  }),
  outputs: z.strictObject({}),
  replaceOn: [],
});
