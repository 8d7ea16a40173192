import { failure, ok, type Answer } from "../../../lib/doctor/finding";
import { failed } from "../../../lib/doctor/question";
import { parseAddress } from "../../../lib/oci/address";
import { formatReference, parseReference, type Reference } from "../../../lib/oci/reference";
import { buildContextDefinition } from "../../../resources/definitions/build-context";
import { externalImagesDefinition } from "../../../resources/definitions/external-images";
import { imageDefinition } from "../../../resources/definitions/image";
import { namedBases } from "../../dockerfile/build-context";
import type { Account } from "../account";
import type { DoctorCheck, Examined } from "../check";
import { sleepingRegistry } from "../sleeping-registry";

/** Images of others: whether they are there, and may be pulled. What this distribution makes itself is left out. */
export const baseImagesCheck: DoctorCheck = {
  name: "base image",
  order: 40,
  questions: (examined) => {
    const { declared, project } = examined;
    const read = named(examined);
    const once = new Map(read.map((one) => [formatReference(one.reference), one]));
    const dockerfiles = declared.of(buildContextDefinition, "dockerfile", "copies", "ownImages");
    return [
      ...[...once].map(([about, { reference, account }]) => ({
        about,
        ask: async () => pulled(reference, account, project),
      })),
      ...dockerfiles.map(({ inputs, account }) => ({
        about: inputs.dockerfile,
        ask: async () => {
          const found = (await namedBases(project, inputs)).filter(({ image }) => image === undefined);
          return Promise.all(
            found.map(async ({ reference }) => ({
              about: `${inputs.dockerfile}: ${reference}`,
              ...(await pulled(parseReference(reference), account, project).catch(failed)),
            })),
          );
        },
      })),
    ];
  },
};

interface Read {
  readonly reference: Reference;
  readonly account: Account;
}

/** Images that resources name. */
function named({ declared }: Examined): Read[] {
  const bases = declared.of(imageDefinition, "base").flatMap(({ inputs: { base }, account }): Read[] => {
    if (base === undefined) return [];
    const address = parseAddress(base);
    return address.kind === "registry" ? [{ reference: address, account }] : [];
  });
  const others = declared
    .of(externalImagesDefinition, "images")
    .flatMap(({ inputs, account }) =>
      Object.values(inputs.images).map((text) => ({ reference: parseReference(text), account })),
    );
  return [...bases, ...others];
}

async function pulled(
  { repository, tag, digest }: Reference,
  account: Account,
  project: string,
): Promise<Answer> {
  const sleeping = await sleepingRegistry(project, repository.registry);
  if (sleeping) return sleeping;
  const services = await account.services();
  const found = await services.registries.repository(repository).headManifest(digest ?? tag ?? "latest");
  return found === undefined
    ? failure("the registry has no such image", "Correct its name or tag.")
    : ok("is there, and may be pulled");
}
