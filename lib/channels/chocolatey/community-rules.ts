import { checkServiceAddress } from "../service-address";
import { ChannelError } from "../artifact";
import type { ChocolateyAbout } from "./package";

/** The feed that `choco` asks unless it is told otherwise, and where packages for it are pushed to. */
export const communityFeed = {
  source: "https://community.chocolatey.org/api/v2/",
  push: "https://push.chocolatey.org/",
} as const;

/** Whether a feed is that of the community, whose packages are looked at before they are listed. */
export function isCommunityFeed(source: URL): boolean {
  return /^(?:community\.|www\.)?chocolatey\.org$/.test(source.hostname);
}

/** Characters of a description. */
const shortest = 31;
const longest = 4000;

/**
 * The requirements of the community feed that a package of this kind can fail, with their numbers
 * (docs.chocolatey.org/en-us/community-repository/moderation/package-validator/rules; texts of
 * `chocolatey-community-validation`). Those about binaries in a package, `LICENSE.txt` (CPMR0005) and
 * `VERIFICATION.txt` (CPMR0006), do not concern one that downloads.
 *
 * @throws ChannelError
 */
export function checkCommunityRules(about: ChocolateyAbout): void {
  const refuse = (field: string, reason: string, rule: string) => {
    throw new ChannelError(field, `${reason} (${rule} of Chocolatey's community feed)`);
  };
  const { id, description, tags, copyright } = about;
  if (/alpha|beta|prerelease/i.test(id)) {
    refuse("id", `${JSON.stringify(id)} says that it is a pre-release, which versions say`, "CPMR0024");
  }
  if (/\.config$/i.test(id)) refuse("id", `${JSON.stringify(id)} ends with .config`, "CPMR0029");
  const length = description.trim().length;
  if (length < shortest) {
    const reason = `has ${length} characters, and at least ${shortest} are expected: say what the program is for`;
    refuse("description", reason, "CPMR0032");
  }
  if (description.length > longest) {
    refuse("description", `has ${description.length} characters, and ${longest} are the most`, "CPMR0026");
  }
  const heading = /^#+[^\s#].*$/m.exec(description)?.[0];
  if (heading !== undefined) {
    refuse(
      "description",
      `${JSON.stringify(heading)} is no heading of Markdown: a space is missing`,
      "CPMR0030",
    );
  }
  if (tags.some((tag) => tag.toLowerCase() === "chocolatey")) {
    refuse("tags", '"chocolatey" is not expected among them', "TagsDoNotContainChocolatey");
  }
  if (copyright !== undefined && copyright.trim().length <= 4) {
    refuse(
      "copyright",
      `${JSON.stringify(copyright)} is too short: more than 4 characters are expected`,
      "CPMR0001",
    );
  }
  for (const field of ["authors", "title", "summary", "copyright", "description", "releaseNotes"] as const) {
    const address = /[\w.+-]+@[\w-]+\.[\w.-]+/.exec(about[field] ?? "")?.[0];
    if (address !== undefined) refuse(field, `has the address ${address} in it`, "CPMR0020");
  }
}

/** @throws Error for what is no address of a feed */
export function checkFeedAddress(address: string): void {
  checkServiceAddress(address, "a feed", communityFeed.source);
}
