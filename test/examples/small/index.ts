import * as pulumi from "@pulumi/pulumi";
import { Check, Distribution, embeddedRegistry, semverTags } from "slipway";

const config = new pulumi.Config();

const small = new Distribution("small", {
  version: config.require("version"),
  registries: [embeddedRegistry()],
  platforms: ["linux/amd64"],
  builder: config.get("builder"),
  images: {
    built: { dockerfile: "Dockerfile" },
    assembled: { files: [{ to: "/message.txt", source: "message.txt" }], labels: { version: "1" } },
  },
  tags: semverTags({ prefix: "v", aliases: ["minor", "latest"] }),
  gates: (images, options) => [
    new Check(
      "gate",
      {
        ...(images.assembled === undefined ? {} : { subject: images.assembled.digest }),
        command: { command: ["test", config.get("gate") ?? "open", "=", "open"] },
      },
      options,
    ),
  ],
});

export const published = small.published;
