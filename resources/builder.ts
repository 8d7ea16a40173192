// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { builderDefinition } from "./definitions/builder";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";

/** Arguments of {@link Builder}. */
export type BuilderArgs = {
  /** Name in buildx. Example: `"arm"`. */
  name: pulumi.Input<string>;
  /** How the daemon is reached or run: a driver of buildx. */
  driver: pulumi.Input<"remote" | "kubernetes" | "docker-container">;
  /**
   * Address of the daemon for `remote`; a Docker context or host for `docker-container`. Default:
   * that of the machine. Example: `"tcp://arm.example.com:1234"`.
   */
  endpoint?: pulumi.Input<string | undefined>;
  /**
   * Options of the driver. Paths of certificates are relative to the project's folder. Example:
   * `{"namespace":"build"}`.
   */
  options?: DeepInput<Record<string, string> | undefined>;
  /** Platforms that it builds for. Default: those that it reports. */
  platforms?: DeepInput<string[] | undefined>;
};

/**
 * A named buildx builder on this machine: the address of a BuildKit daemon, or how to run one. It
 * is created if no builder has that name; an equal one that exists is used as it is, and stays when
 * the resource is removed. Nothing is started: buildx does that with the first build.
 * (`slipway:build:Builder`)
 */
export class Builder extends pulumi.CustomResource implements ObservedProperties<typeof builderDefinition> {
  /** Name in buildx. Example: `"arm"`. */
  declare readonly name: pulumi.Output<string>;
  /** How the daemon is reached or run: a driver of buildx. */
  declare readonly driver: pulumi.Output<"remote" | "kubernetes" | "docker-container">;
  /** Whether this resource created it and therefore removes it. */
  declare readonly created: pulumi.Output<boolean>;

  constructor(name: string, args: BuilderArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { created: undefined };
    super("slipway:build:Builder", name, properties<typeof builderDefinition>(outputs, args), options);
  }
}
