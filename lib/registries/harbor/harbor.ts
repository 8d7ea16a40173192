import * as z from "zod";
import type { HttpResponse } from "../../oci/transport/http";
import { ApiError } from "../../json-api/api-error";
import type { JsonApi, JsonApiOptions, JsonRequest } from "../../json-api/json-api";
import { registryApi } from "../registry-api";
import type { MetadataApi, MetadataField, RepositoryMetadata } from "../metadata";

const repository = z.looseObject({ description: z.string().nullish() });

const project = z.looseObject({
  metadata: z.looseObject({ public: z.string().nullish() }).nullish(),
});

const selector = z.looseObject({ decoration: z.string(), pattern: z.string() });
const rules = z.array(
  z.looseObject({
    id: z.number(),
    disabled: z.boolean().nullish(),
    tag_selectors: z.array(selector),
    scope_selectors: z.record(z.string(), z.array(selector)).nullish(),
  }),
);

/** Rules on one page, and the most that a project can have. */
const rulesOnPage = 100;

/** A rule for one repository alone, with its id. */
interface Rule {
  readonly id: number;
  readonly pattern: string;
}

/**
 * Harbor's API. A repository has one text, in Markdown, which is `fullDescription` here, and is made by its first push.
 * Its project is made before that, and says who may see it, together with all others there. Rules for immutable tags
 * belong to the project too; those that name this repository alone are its own here.
 *
 * Source: api/v2.0/swagger.yaml of goharbor/harbor, as goharbor/go-client c4b6a42 has it (2025-06-25).
 */
export class Harbor implements MetadataApi {
  readonly place: string;
  private readonly api: JsonApi;

  /** @param authorization of a user or a robot account, as Basic; undefined reads what is public */
  constructor(
    private readonly authorization: string | undefined,
    private readonly options: JsonApiOptions,
  ) {
    this.place = `Harbor at ${options.address.host}`;
    this.api = registryApi(this.place, options);
  }

  async close(): Promise<void> {
    await this.api.close();
  }

  page(path: string): string {
    return new URL(`harbor/projects/${partsOf(path).project}/repositories`, this.options.address).href;
  }

  async find(path: string, fields: readonly MetadataField[]): Promise<RepositoryMetadata | undefined> {
    const isDescribed = fields.includes("fullDescription");
    const [text, visibility, own] = await Promise.all([
      isDescribed ? this.description(path) : undefined,
      fields.includes("visibility") ? this.visibility(path) : undefined,
      fields.includes("immutableTags") ? this.rules(path) : undefined,
    ]);
    const isMissing =
      (isDescribed && text === undefined) ||
      (fields.includes("visibility") && visibility === undefined) ||
      (fields.includes("immutableTags") && own === undefined);
    if (isMissing) return undefined;
    return { fullDescription: text, visibility, immutableTags: own?.map(({ pattern }) => pattern) };
  }

  async make(path: string, { visibility = "private", fullDescription }: RepositoryMetadata): Promise<void> {
    const { project: name } = partsOf(path);
    if ((await this.visibility(path)) !== undefined) {
      throw new ApiError(
        `${this.place} has no repository ${path}: its first push makes it${fullDescription === undefined ? "" : ", and then it can be described"}`,
      );
    }
    await this.write(`making the project ${name} at ${this.place}`, {
      method: "POST",
      path: "api/v2.0/projects",
      body: { project_name: name, metadata: { public: String(visibility === "public") } },
    });
  }

  async change(
    path: string,
    { fullDescription, visibility, immutableTags }: RepositoryMetadata,
  ): Promise<void> {
    const { project: name } = partsOf(path);
    // Nobody sees a new text before the project is as private as it is to be.
    if (visibility !== undefined) {
      await this.write(`making the project ${name} ${visibility} at ${this.place}`, {
        method: "PUT",
        path: projectPath(path),
        body: { metadata: { public: String(visibility === "public") } },
      });
    }
    if (fullDescription !== undefined) {
      await this.write(`describing ${path} at ${this.place}`, {
        method: "PUT",
        path: repositoryPath(path),
        body: { description: fullDescription },
      });
    }
    if (immutableTags !== undefined) await this.setRules(path, immutableTags);
  }

  /** New rules come first: no tag is open to anybody in between. */
  private async setRules(path: string, wanted: readonly string[]): Promise<void> {
    const operation = `setting the immutable tags of ${path} at ${this.place}`;
    const found = (await this.rules(path)) ?? [];
    for (const pattern of wanted) {
      if (found.some((rule) => rule.pattern === pattern)) continue;
      await this.write(operation, {
        method: "POST",
        path: `${projectPath(path)}/immutabletagrules`,
        body: {
          action: "immutable",
          template: "immutable_template",
          tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern }],
          scope_selectors: {
            repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: partsOf(path).name }],
          },
        },
      });
    }
    for (const rule of found.filter(({ pattern }) => !wanted.includes(pattern))) {
      const place = `${projectPath(path)}/immutabletagrules/${rule.id}`;
      await this.write(operation, { method: "DELETE", path: place });
    }
  }

  private async description(path: string): Promise<string | undefined> {
    const operation = `reading ${path} at ${this.place}`;
    const response = await this.ask(operation, { method: "GET", path: repositoryPath(path) });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    const found = await this.api.json(operation, response, repository, (status) => this.hint(status));
    return found.description ?? "";
  }

  private async visibility(path: string): Promise<"public" | "private" | undefined> {
    const operation = `reading the project of ${path} at ${this.place}`;
    const response = await this.ask(operation, { method: "GET", path: projectPath(path) });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    const found = await this.api.json(operation, response, project, (status) => this.hint(status));
    return found.metadata?.public === "true" ? "public" : "private";
  }

  /** Rules for this repository alone; undefined where there is no project. */
  private async rules(path: string): Promise<Rule[] | undefined> {
    const { name } = partsOf(path);
    const operation = `reading the immutable tags of ${path} at ${this.place}`;
    const response = await this.ask(operation, {
      method: "GET",
      path: `${projectPath(path)}/immutabletagrules?page=1&page_size=${rulesOnPage}`,
    });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    const found = await this.api.json(operation, response, rules, (status) => this.hint(status));
    return found.flatMap(({ id, disabled, tag_selectors: tags, scope_selectors: scopes }) => {
      const [scope, ...more] = scopes?.repository ?? [];
      const [tag, ...moreTags] = tags;
      const isOwn =
        disabled !== true &&
        scope?.decoration === "repoMatches" &&
        scope.pattern === name &&
        tag?.decoration === "matches" &&
        more.length + moreTags.length === 0;
      return isOwn ? [{ id, pattern: tag.pattern }] : [];
    });
  }

  private async write(operation: string, request: JsonRequest): Promise<void> {
    await this.api.done(operation, await this.ask(operation, request), (status) => this.hint(status));
  }

  private ask(operation: string, request: JsonRequest): Promise<HttpResponse> {
    return this.api.send(operation, {
      ...request,
      authorization: this.authorization,
      // A project whose name is a number is taken by its name too.
      headers: { "X-Is-Resource-Name": "true" },
    });
  }

  private hint(status: number): string | undefined {
    if (status !== 401 && status !== 403) return undefined;
    return this.authorization === undefined
      ? "Nobody has signed in: say who may, by curator."
      : "It takes the role of a project's maintainer, for who may see it that of its administrator, and to make a project " +
          "a user or a robot account of the system: give that one as curator, and leave the other to push.";
  }
}

function projectPath(path: string): string {
  return `api/v2.0/projects/${partsOf(path).project}`;
}

/** A name with slashes is encoded twice ("repositoryName" in the description of the API). */
function repositoryPath(path: string): string {
  const { name } = partsOf(path);
  return `${projectPath(path)}/repositories/${encodeURIComponent(encodeURIComponent(name))}`;
}

function partsOf(path: string): { project: string; name: string } {
  const slash = path.indexOf("/");
  if (slash < 0) throw new ApiError(`Harbor has no repository ${path}: a valid example is acme/hello`);
  return { project: path.slice(0, slash), name: path.slice(slash + 1) };
}
