import * as z from "zod";
import { defineResource } from "./definition";
import { platform } from "./shapes";

/** `slipway:build:Builder`: a builder that buildx knows under a name. */
export const builderDefinition = defineResource({
  token: "slipway:build:Builder",
  description:
    "A named buildx builder on this machine: the address of a BuildKit daemon, or how to run " +
    "one. It is created if no builder has that name; an equal one that exists is used as it " +
    "is, and stays when the resource is removed. Nothing is started: buildx does that with the " +
    "first build.",
  inputs: z.strictObject({
    name: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9._-]*$/, "a letter, then letters, digits, `.`, `_` and `-` are expected")
      .meta({ description: "Name in buildx.", examples: ["arm"] }),
    driver: z
      .enum(["remote", "kubernetes", "docker-container"])
      .describe("How the daemon is reached or run: a driver of buildx."),
    endpoint: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Address of the daemon for `remote`; a Docker context or host for " +
          "`docker-container`. Default: that of the machine.",
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
      .describe("Platforms that it builds for. Default: those that it reports."),
  }),
  outputs: z.strictObject({
    created: z.boolean().describe("Whether this resource created it and therefore removes it."),
  }),
  replaceOn: ["name"],
});
