import * as z from "zod";
import type { HttpResponse } from "../../oci/transport/http";
import { ApiError } from "../../json-api/api-error";
import type { JsonApi, JsonApiOptions, JsonRequest } from "../../json-api/json-api";
import { registryApi } from "../registry-api";
import type { MetadataApi, MetadataField, RepositoryMetadata } from "../metadata";

const repository = z.looseObject({ description: z.string().nullish(), is_public: z.boolean() });

const policies = z.looseObject({
  policies: z.array(
    z.looseObject({ uuid: z.string(), tagPattern: z.string(), tagPatternMatches: z.boolean().nullish() }),
  ),
});

/** A rule of a repository, with its id. */
interface Policy {
  readonly id: string;
  readonly pattern: string;
  /** Whether tags that match are immutable; otherwise it is those that do not. */
  readonly matches: boolean;
}

/**
 * The API of Quay, of quay.io and of a Quay of one's own. It has one text for a repository, in Markdown, which is
 * `fullDescription` here.
 *
 * Source: endpoints/api/repository.py and immutability_policy.py of quay/quay, and its docs.quay.io/api, read in
 * November 2026. Who asks has a token of an OAuth application: robot accounts push, and have no part in this API.
 */
export class Quay implements MetadataApi {
  readonly place: string;
  private readonly api: JsonApi;

  /** @param token of an OAuth application; undefined reads what is public */
  constructor(
    private readonly token: string | undefined,
    private readonly options: JsonApiOptions,
  ) {
    this.place = options.address.host === "quay.io" ? "Quay.io" : `Quay at ${options.address.host}`;
    this.api = registryApi(this.place, options);
  }

  async close(): Promise<void> {
    await this.api.close();
  }

  page(path: string): string {
    return new URL(`repository/${path}`, this.options.address).href;
  }

  async find(path: string, fields: readonly MetadataField[]): Promise<RepositoryMetadata | undefined> {
    const operation = `reading ${path} at ${this.place}`;
    const response = await this.ask(operation, { method: "GET", path: `${at(path)}?includeTags=false` });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    const found = await this.api.json(operation, response, repository, (status) => this.hint(status));
    const rules = fields.includes("immutableTags") ? await this.policies(path) : undefined;
    return {
      fullDescription: found.description ?? "",
      visibility: found.is_public ? "public" : "private",
      immutableTags: rules?.map(({ pattern, matches }) => (matches ? pattern : `not ${pattern}`)),
    };
  }

  async make(
    path: string,
    { fullDescription = "", visibility = "private" }: RepositoryMetadata,
  ): Promise<void> {
    const slash = path.indexOf("/");
    await this.write(`making ${path} at ${this.place}`, {
      method: "POST",
      path: "api/v1/repository",
      body: {
        namespace: path.slice(0, slash),
        repository: path.slice(slash + 1),
        repo_kind: "image",
        description: fullDescription,
        visibility,
      },
    });
  }

  async change(
    path: string,
    { fullDescription, visibility, immutableTags }: RepositoryMetadata,
  ): Promise<void> {
    // Nobody sees a new text before the repository is as private as it is to be.
    if (visibility !== undefined) {
      await this.write(`making ${path} ${visibility} at ${this.place}`, {
        method: "POST",
        path: `${at(path)}/changevisibility`,
        body: { visibility },
      });
    }
    if (fullDescription !== undefined) {
      await this.write(`describing ${path} at ${this.place}`, {
        method: "PUT",
        path: at(path),
        body: { description: fullDescription },
      });
    }
    if (immutableTags !== undefined) await this.setPolicies(path, immutableTags);
  }

  /** New rules come first: no tag is open to anybody in between. */
  private async setPolicies(path: string, wanted: readonly string[]): Promise<void> {
    const operation = `setting the immutable tags of ${path} at ${this.place}`;
    const found = await this.policies(path);
    if (found === undefined) {
      throw new ApiError(
        `${operation}: it tells of no rules. Quay has them where FEATURE_IMMUTABLE_TAGS is set, for tokens with the ` +
          "scope repo:admin",
      );
    }
    const isWanted = ({ pattern, matches }: Policy) => matches && wanted.includes(pattern);
    for (const pattern of wanted) {
      if (found.some((policy) => policy.matches && policy.pattern === pattern)) continue;
      const body = { tagPattern: pattern, tagPatternMatches: true };
      await this.write(operation, { method: "POST", path: `${at(path)}/immutabilitypolicy/`, body });
    }
    for (const policy of found.filter((one) => !isWanted(one))) {
      await this.write(operation, {
        method: "DELETE",
        path: `${at(path)}/immutabilitypolicy/${encodeURIComponent(policy.id)}`,
      });
    }
  }

  /** The rules of a repository; undefined where Quay has none of that kind, or who asks may not know. */
  private async policies(path: string): Promise<Policy[] | undefined> {
    const operation = `reading the immutable tags of ${path} at ${this.place}`;
    const response = await this.ask(operation, { method: "GET", path: `${at(path)}/immutabilitypolicy/` });
    if ([401, 403, 404].includes(response.status)) {
      await response.discard();
      return undefined;
    }
    const { policies: found } = await this.api.json(operation, response, policies);
    return found.map(({ uuid, tagPattern, tagPatternMatches }) => ({
      id: uuid,
      pattern: tagPattern,
      matches: tagPatternMatches ?? true,
    }));
  }

  private async write(operation: string, request: JsonRequest): Promise<void> {
    await this.api.done(operation, await this.ask(operation, request), (status) => this.hint(status));
  }

  private ask(operation: string, request: JsonRequest): Promise<HttpResponse> {
    const authorization = this.token === undefined ? undefined : `Bearer ${this.token}`;
    return this.api.send(operation, { ...request, authorization });
  }

  private hint(status: number): string | undefined {
    if (status !== 401 && status !== 403) return undefined;
    return this.token === undefined
      ? "Nobody has signed in: give the token of an OAuth application of the organization as curator."
      : "A robot account pushes, and may not do this: give the token of an OAuth application of the organization as " +
          "curator, with the scopes repo:admin and repo:create.";
  }
}

function at(path: string): string {
  return `api/v1/repository/${path}`;
}
