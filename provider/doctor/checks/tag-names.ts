import { ok, warning, type Answer } from "../../../lib/doctor/finding";
import { parseRepository } from "../../../lib/oci/reference";
import { tagsDefinition } from "../../../resources/definitions/tags";
import type { DoctorCheck } from "../check";
import { sleepingRegistry } from "../sleeping-registry";

/** Version tags, which never move: whether they are free, or this stack's. */
export const tagNamesCheck: DoctorCheck = {
  name: "tag",
  order: 41,
  questions: ({ declared, project }) =>
    declared.of(tagsDefinition, "repository", "tags").flatMap(({ inputs, former, account }) =>
      inputs.tags
        .filter(({ moves = "never" }) => moves === "never")
        .map(({ tag }) => ({
          about: `${inputs.repository}:${tag}`,
          ask: async (): Promise<Answer> => {
            if (former?.repository === inputs.repository && former.tags.some((one) => one.tag === tag)) {
              return ok("is this stack's");
            }
            const repository = parseRepository(inputs.repository);
            const sleeping = await sleepingRegistry(project, repository.registry);
            if (sleeping) return sleeping;
            const { registries } = await account.services();
            const found = await registries.repository(repository).headManifest(tag);
            return found === undefined
              ? ok("is free")
              : warning(
                  "is there, and this stack has not put it there",
                  "It is taken over where it points to the same content, and refused else: a preview says which.",
                );
          },
        })),
    ),
};
