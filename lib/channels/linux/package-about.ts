import { ChannelError } from "../artifact";

/** What a package says of itself, whatever it is for. */
export interface PackageAbout {
  /** Name and address, e.g. `Acme <releases@acme.example>`. */
  readonly maintainer: string;
  /** One line of at most 80 characters; further lines after it say more. */
  readonly description: string;
  readonly homepage?: string;
}

/** Most characters of the first line of a description (Debian policy 3.4.1; rpmlint, `summary-too-long`). */
const longestSynopsis = 80;

const maintainerPattern = /^[^<>\p{Cc}]+ <[^<>\s@]+@[^<>\s@]+>$/u;

/** @throws ChannelError for what lists of packages cannot show */
export function checkPackageAbout({ maintainer, description, homepage }: PackageAbout): void {
  if (!maintainerPattern.test(maintainer))
    refuseField("maintainer", maintainer, "is not a name with an address", "Acme <releases@acme.example>");
  const [synopsis = ""] = description.split("\n");
  if (synopsis.trim() === "" || synopsis.length > longestSynopsis) {
    refuseField(
      "description",
      synopsis,
      `has ${synopsis.length} characters: the first line, which lists show, has 1 to ${longestSynopsis}, and ` +
        "further lines say more",
      "Says hello to the world",
    );
  }
  if (/[\p{Cc}]/u.test(description.replaceAll("\n", "")))
    refuseField("description", description, "has a control character", "Says hello to the world");
  if (homepage !== undefined && !/^https?:\/\/\S+$/.test(homepage))
    refuseField("homepage", homepage, "is not an address of the Web", "https://acme.example");
}

/** @throws ChannelError always */
export function refuseField(field: string, value: string, reason: string, example: string): never {
  throw new ChannelError(
    field,
    `${JSON.stringify(value)} ${reason} (a valid example: ${JSON.stringify(example)})`,
  );
}
