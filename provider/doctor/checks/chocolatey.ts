import { failure, notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { communityFeed } from "../../../lib/channels/chocolatey/community-rules";
import { Feed } from "../../../lib/channels/chocolatey/feed";
import { chocolateyPackageDefinition } from "../../../resources/definitions/chocolatey-package";
import type { DoctorCheck } from "../check";

/** Feeds of Chocolatey: whether they answer, and whether the version is free. */
export const chocolateyCheck: DoctorCheck = {
  name: "Chocolatey",
  order: 72,
  questions: ({ declared }) =>
    declared.of(chocolateyPackageDefinition, "packageId", "version", "feed").map(({ inputs, former }) => {
      const { packageId: id, version, feed = communityFeed, apiKey } = inputs;
      return {
        about: `${new URL(feed.source).host} ${id}`,
        ask: async (signal: AbortSignal): Promise<Answer[]> => {
          const opened = new Feed({ source: new URL(feed.source), push: new URL(feed.push), signal });
          try {
            const found = await opened.find({ id, version });
            const name =
              found === undefined
                ? ok(`answers, and does not have ${version}`)
                : former?.version === version
                  ? ok(`${version} is this stack's`)
                  : warning(
                      `has ${version} already`,
                      "It is taken for this one where its bytes are the same, and refused else.",
                    );
            const key =
              apiKey === undefined
                ? failure(
                    "there is no key, and nothing can be pushed",
                    'Give apiKey, e.g. config.requireSecret("chocolateyKey").',
                  )
                : notAsked("the key: a feed has no request that looks at one and pushes nothing");
            return [name, key];
          } finally {
            await opened.close();
          }
        },
      };
    }),
};
