import * as z from "zod";
import { defineResource } from "./definition";
import { platform } from "./shapes";

/** `slipway:build:Builder`: a builder that buildx knows under a name. */
export const builderDefinition = defineResource({
  token: "slipway:build:Builder",
  description:
    "A builder that buildx knows under a name, on this machine: an address of a BuildKit daemon, or how one is run. It is " +
    "created where there is none of that name; one that is there and equal is taken as it is, and stays when the resource " +
    "is removed. Nothing is started: buildx does that with the first build.",
  inputs: z.strictObject({
    name: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9._-]*$/, "a letter, then letters, digits, `.`, `_` and `-` are expected")
      .meta({ description: "Name in buildx.", examples: ["arm"] }),
    driver: z
      .enum(["remote", "kubernetes", "docker-container"])
      .describe("How the daemon is reached or run: drivers of buildx."),
    endpoint: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Address of the daemon for `remote`; a Docker context or host for `docker-container`. Default: that of the machine.",
        examples: ["tcp://arm.example.com:1234"],
      }),
    options: z
      .record(z.string().min(1), z.string())
      .optional()
      .meta({
        description: "Options of the driver. Paths of certificates are relative to the project's folder.",
        examples: [{ namespace: "build" }],
      }),
    platforms: z
      .array(platform)
      .optional()
      .describe("Platforms that it builds for. Default: what it says itself."),
  }),
  outputs: z.strictObject({
    created: z.boolean().describe("Whether this resource has created it, and so removes it."),
  }),
  replaceOn: ["name"],
});
