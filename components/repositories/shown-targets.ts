import * as z from "zod";
import { checkRegistryHost } from "../../lib/oci/reference";
import { metadataRules, type MetadataKind } from "../../lib/registries/metadata-rules";
import { checkArguments, inputText } from "../declaration/call-arguments";
import { checked } from "../../resources/definitions/definition";
import type { Curator, ShownRepositories, ShownRepository } from "../declaration/shown-repositories";

/** What {@link dockerHubRepositories}, {@link quayRepositories} and {@link harborRepositories} take alike. */
interface RepositoriesArgs<Shown extends ShownRepository> {
  /** Address of the API. Default: that of the service, or the host. */
  api?: string;
  /**
   * Folder of the project as people see it on the Web, for relative links. Default: the root of `source`, where that is on
   * GitHub or GitLab.
   */
  links?: string;
  /** What holds for single images, by name, in the place of what holds for all. */
  images?: Record<string, Shown>;
}

/** Arguments of {@link dockerHubRepositories}. */
export interface DockerHubRepositoriesArgs extends RepositoriesArgs<ShownRepository>, ShownRepository {
  /** Host of the registry. Default: `docker.io`. */
  host?: string;
  /**
   * Who may change what is shown: an access token with Read, Write and Delete. Default: who pushes, which should not have as
   * many rights.
   */
  curator?: (Curator & { readonly username: string }) | undefined;
}

/** What Quay and Harbor show of a repository: they have one text, and no categories. */
export type ShownInOneText = Omit<ShownRepository, "description" | "categories">;

/** Arguments of {@link quayRepositories}. */
export interface QuayRepositoriesArgs extends RepositoriesArgs<ShownInOneText>, ShownInOneText {
  /** Host of the registry. Default: `quay.io`. */
  host?: string;
  /** Token of an OAuth application, as `password`: robot accounts, which push, may not change what is shown. */
  curator: Pick<Curator, "password">;
}

/** Arguments of {@link harborRepositories}. */
export interface HarborRepositoriesArgs extends RepositoriesArgs<ShownInOneText>, ShownInOneText {
  /** Host of the registry, e.g. `harbor.example.com`. */
  host: string;
  /** Who may change what is shown: a user, or a robot account. Default: who pushes. */
  curator?: (Curator & { readonly username: string }) | undefined;
}

const shown = {
  description: z.string().optional(),
  fullDescription: z
    .union([z.string(), z.strictObject({ file: z.string().min(1) })])
    .optional()
    .meta({ examples: [{ file: "DOCKER_HUB.md" }] }),
  categories: z.array(z.string()).optional(),
  visibility: z.enum(["public", "private"]).optional(),
  immutableTags: z.array(z.string()).optional(),
};

const args = z.strictObject({
  ...shown,
  host: checked(checkRegistryHost)
    .optional()
    .meta({ examples: ["harbor.example.com"] }),
  api: z
    .url()
    .optional()
    .meta({ examples: ["https://hub.docker.com"] }),
  links: z
    .url()
    .optional()
    .meta({ examples: ["https://github.com/acme/hello/blob/HEAD"] }),
  curator: z.strictObject({ username: z.string().min(1).optional(), password: inputText }).optional(),
  images: z.record(z.string(), z.strictObject(shown)).optional(),
});

/**
 * Says what Docker Hub shows of the images that are published there.
 *
 * @throws DeclarationError naming the field, the value and a valid example
 */
export function dockerHubRepositories(declared: DockerHubRepositoriesArgs): ShownRepositories {
  return shownRepositories("dockerHubRepositories()", "docker-hub", declared);
}

/**
 * Says what Quay shows of the images that are published there.
 *
 * @throws DeclarationError naming the field, the value and a valid example
 */
export function quayRepositories(declared: QuayRepositoriesArgs): ShownRepositories {
  return shownRepositories("quayRepositories()", "quay", declared);
}

/**
 * Says what a Harbor shows of the images that are published there. Who may see them is a matter of the whole project.
 *
 * @throws DeclarationError naming the field, the value and a valid example
 */
export function harborRepositories(declared: HarborRepositoriesArgs): ShownRepositories {
  return shownRepositories("harborRepositories()", "harbor", declared);
}

function shownRepositories(
  call: string,
  kind: MetadataKind,
  declared: Omit<RepositoriesArgs<ShownRepository>, "images"> &
    ShownRepository & { host?: string; curator?: Curator; images?: Record<string, ShownRepository> },
): ShownRepositories {
  checkArguments(call, args, declared);
  const { host, api, links, curator, images = {}, ...all } = declared;
  return {
    kind,
    host: host ?? metadataRules[kind].host ?? "",
    isExpected: host !== undefined,
    api,
    links,
    curator,
    all,
    images,
  };
}
