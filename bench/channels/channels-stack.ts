import { channelTable, type TestedChannel } from "../../test/end-to-end/channel-table";
import type { ChannelPlace } from "../../test/support/channel-places";
import { EngineProject } from "../../test/support/engine";
import { releasedFields, writeSources } from "../release/fixture";

const channels = Object.values(channelTable);

/** How many channels a release has that is given to all. */
export const channelCount = channels.length;

/** A release for six targets in a new project, given to every channel or to none. */
export class ChannelsStack {
  private constructor(
    readonly project: EngineProject,
    private readonly places: ReadonlyMap<TestedChannel, ChannelPlace>,
  ) {}

  /**
   * @param host of a registry
   * @param namespace that nothing was published to
   */
  static async create(host: string, namespace: string, withChannels: boolean): Promise<ChannelsStack> {
    const project = await EngineProject.create({ program: "", env: { GOFLAGS: "-buildvcs=false" } });
    await writeSources(project.directory);
    const places = new Map<TestedChannel, ChannelPlace>();
    for (const channel of withChannels ? channels : []) {
      const place = await channel.start(project.directory);
      places.set(channel, place);
      await project.setSecret(keyOf(channel.kind), place.secret);
    }
    const declared = [...places].map(([channel, place]) => channel.declare(place));
    await project.program(program(host, namespace, declared));
    return new ChannelsStack(project, places);
  }

  /** Requires every channel to have something. @throws Error naming one that has nothing */
  async expectGiven(): Promise<void> {
    for (const [channel, place] of this.places) {
      if ((await place.content()) === "") throw new Error(`the ${channel.kind} was given nothing`);
    }
  }

  async remove(): Promise<void> {
    for (const place of this.places.values()) await place.stop();
    await this.project.remove();
  }
}

function keyOf(kind: string): string {
  return kind.replaceAll(" ", "");
}

function program(host: string, namespace: string, declared: readonly string[]): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { ${Object.keys(channelTable).join(", ")}, directoryRelease, Distribution, ociRegistry } from "@slipway";

const config = new pulumi.Config();
const secret = (kind: string) => config.requireSecret(kind.replaceAll(" ", ""));
const author = { name: "Acme releases", email: "releases@acme.example" };
const what = { description: "Says its version", homepage: "https://acme.example/app" };

new Distribution("app", {
  version: "v1.0.0",
  licenses: "Apache-2.0",
  ${releasedFields(host, namespace, "app")}
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  channels: [
    ${declared.join(",\n    ")}
  ],
});
`;
}
