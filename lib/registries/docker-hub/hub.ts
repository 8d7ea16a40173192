import * as z from "zod";
import { defined } from "../../objects/defined";
import { ApiError } from "../../json-api/api-error";
import type { JsonApi, JsonApiOptions, JsonRequest } from "../../json-api/json-api";
import { registryApi } from "../registry-api";
import type { MetadataApi, RepositoryMetadata } from "../metadata";
import { claimsOf, type HubClaims } from "./claims";

/** Where Docker Hub's own API is. */
export const dockerHubApi = "https://hub.docker.com";

/** How an account signs in: a user name with a personal access token, or an organization with one of its own. */
export interface HubLogin {
  readonly username: string;
  readonly password: string;
}

/** A repository as Docker Hub tells it. */
export interface HubRepository {
  readonly description: string;
  readonly fullDescription: string;
  readonly isPrivate: boolean;
  /** Slugs, sorted. */
  readonly categories: readonly string[];
  readonly immutableTags: readonly string[];
  readonly pullCount: number;
  readonly starCount: number;
  /** ISO 8601. */
  readonly lastUpdated?: string | undefined;
  /** What the account that asks may do; undefined where nobody has signed in. */
  readonly permissions?: { readonly read: boolean; readonly write: boolean; readonly admin: boolean };
}

/** What Docker Hub tells of a personal access token. Never the token. */
export interface HubAccessToken {
  readonly label: string;
  readonly isActive: boolean;
  /** E.g. `repo:write`; each includes the lower ones. */
  readonly scopes: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; undefined where it does not expire. */
  readonly expiresAt?: string | undefined;
}

const signedIn = z.looseObject({ access_token: z.string().min(1) });

const repositoryInfo = z.looseObject({
  description: z.string().nullish(),
  full_description: z.string().nullish(),
  is_private: z.boolean(),
  star_count: z.number(),
  pull_count: z.number(),
  last_updated: z.string().nullish(),
  categories: z.array(z.looseObject({ slug: z.string() })).nullish(),
  immutable_tags_settings: z.looseObject({ enabled: z.boolean(), rules: z.array(z.string()) }).nullish(),
  permissions: z.looseObject({ read: z.boolean(), write: z.boolean(), admin: z.boolean() }).nullish(),
});

const accessToken = z.looseObject({
  token_label: z.string(),
  is_active: z.boolean(),
  scopes: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullish(),
});

/**
 * Docker Hub's API.
 *
 * Sources: docs.docker.com/reference/api/hub/latest.yaml ("2-beta", with the changelog to 2025-11-21) for signing in,
 * reading and making repositories, immutable tags and access tokens. That has nothing for changing a description or
 * who may see a repository: both are as Docker's own Terraform provider asks for them
 * (docker/terraform-provider-docker a15631f, 2026-04-20). Neither sets categories.
 */
export class DockerHub implements MetadataApi {
  readonly place = "Docker Hub";
  private readonly api: JsonApi;
  private session: Promise<string> | undefined;

  /** @param login undefined reads what is public */
  constructor(
    private readonly login: HubLogin | undefined,
    private readonly options: JsonApiOptions,
  ) {
    this.api = registryApi(this.place, options);
  }

  async close(): Promise<void> {
    await this.api.close();
  }

  page(path: string): string {
    return `https://hub.docker.com/r/${path}`;
  }

  /** A repository with its counts; undefined where there is none, or nobody may know of it. @throws ApiError */
  async repository(path: string): Promise<HubRepository | undefined> {
    const operation = `reading ${path} at ${this.place}`;
    const response = await this.ask(operation, { method: "GET", path: repositoryPath(path) });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    return repositoryOf(await this.api.json(operation, response, repositoryInfo));
  }

  async find(path: string): Promise<RepositoryMetadata | undefined> {
    const found = await this.repository(path);
    if (found === undefined) return undefined;
    const { description, fullDescription, categories, isPrivate, immutableTags } = found;
    const visibility = isPrivate ? "private" : "public";
    return { description, fullDescription, categories, visibility, immutableTags };
  }

  async make(path: string, wanted: RepositoryMetadata): Promise<void> {
    const { namespace, name } = partsOf(path);
    const operation = `making ${path} at ${this.place}`;
    const response = await this.ask(operation, {
      method: "POST",
      path: `v2/namespaces/${namespace}/repositories`,
      body: defined({
        name,
        namespace,
        registry: "docker.io",
        is_private: wanted.visibility === undefined ? undefined : wanted.visibility === "private",
        description: wanted.description,
        full_description: wanted.fullDescription,
      }),
    });
    await this.api.done(operation, response, (status) => this.hint(status));
  }

  async change(path: string, wanted: RepositoryMetadata): Promise<void> {
    const { visibility, immutableTags } = wanted;
    const texts = defined({ description: wanted.description, full_description: wanted.fullDescription });
    // Nobody sees a new text before the repository is as private as it is to be.
    if (visibility !== undefined) {
      await this.write(`making ${path} ${visibility} at ${this.place}`, {
        method: "POST",
        path: `v2/repositories/${path}/privacy`,
        body: { is_private: visibility === "private" },
      });
    }
    if (Object.keys(texts).length > 0) {
      await this.write(`describing ${path} at ${this.place}`, {
        method: "PATCH",
        path: `v2/repositories/${path}/`,
        body: texts,
      });
    }
    if (immutableTags !== undefined) {
      await this.write(`setting the immutable tags of ${path} at ${this.place}`, {
        method: "PATCH",
        path: `${repositoryPath(path)}/immutabletags`,
        body: { immutable_tags: immutableTags.length > 0, immutable_tags_rules: immutableTags },
      });
    }
  }

  /** What the token says that stands for the login. It has no more than ten minutes. @throws ApiError */
  async claims(): Promise<HubClaims> {
    const token = await this.token();
    return token === undefined ? {} : claimsOf(token);
  }

  /**
   * What Docker Hub knows of a personal access token by its id; undefined where this account may not ask.
   *
   * @throws ApiError
   */
  async accessToken(id: string): Promise<HubAccessToken | undefined> {
    const operation = `reading of the access token at ${this.place}`;
    const response = await this.ask(operation, {
      method: "GET",
      path: `v2/access-tokens/${encodeURIComponent(id)}`,
    });
    if ([401, 403, 404].includes(response.status)) {
      await response.discard();
      return undefined;
    }
    const token = await this.api.json(operation, response, accessToken);
    return {
      label: token.token_label,
      isActive: token.is_active,
      scopes: token.scopes,
      createdAt: token.created_at,
      expiresAt: token.expires_at ?? undefined,
    };
  }

  private async write(operation: string, request: JsonRequest): Promise<void> {
    await this.api.done(operation, await this.ask(operation, request), (status) => this.hint(status));
  }

  /** Sends a request as who has signed in; a session that is over is renewed once. */
  private async ask(operation: string, request: JsonRequest) {
    for (let isRenewed = false; ; isRenewed = true) {
      const token = await this.token();
      const response = await this.api.send(operation, {
        ...request,
        authorization: token === undefined ? undefined : `Bearer ${token}`,
      });
      if (response.status !== 401 || token === undefined || isRenewed) return response;
      await response.discard();
      this.session = undefined;
    }
  }

  private async token(): Promise<string | undefined> {
    if (this.login === undefined) return undefined;
    this.session ??= this.signIn(this.login);
    try {
      return await this.session;
    } catch (error) {
      this.session = undefined;
      throw error;
    }
  }

  private async signIn({ username, password }: HubLogin): Promise<string> {
    const operation = `signing in to ${this.place} as ${username}`;
    const response = await this.api.send(operation, {
      method: "POST",
      path: "v2/auth/token",
      body: { identifier: username, secret: password },
    });
    const { access_token: token } = await this.api.json(operation, response, signedIn, (status) =>
      status === 401
        ? "A user name goes with a personal access token, the name of an organization with one of its own."
        : undefined,
    );
    this.options.onSecret?.(token);
    return token;
  }

  private hint(status: number): string | undefined {
    if (this.login === undefined) return "Nobody has signed in: say who may, by curator.";
    return status === 401 || status === 403
      ? "A token that pushes may not do this: Docker Hub wants one with Read, Write and Delete, or an organization's with " +
          "the settings of repositories. Give that one as curator, and leave the other to push."
      : undefined;
  }
}

function repositoryPath(path: string): string {
  const { namespace, name } = partsOf(path);
  return `v2/namespaces/${namespace}/repositories/${name}`;
}

function partsOf(path: string): { namespace: string; name: string } {
  const [namespace = "", name = "", ...more] = path.split("/");
  if (name === "" || more.length > 0) {
    throw new ApiError(`Docker Hub has no repository ${path}: a valid example is acme/hello`);
  }
  return { namespace, name };
}

function repositoryOf(info: z.infer<typeof repositoryInfo>): HubRepository {
  const { immutable_tags_settings: immutable, permissions } = info;
  return {
    description: info.description ?? "",
    fullDescription: info.full_description ?? "",
    isPrivate: info.is_private,
    categories: (info.categories ?? []).map(({ slug }) => slug).sort(),
    immutableTags: immutable?.enabled === true ? immutable.rules : [],
    pullCount: info.pull_count,
    starCount: info.star_count,
    lastUpdated: info.last_updated ?? undefined,
    ...(permissions && {
      permissions: { read: permissions.read, write: permissions.write, admin: permissions.admin },
    }),
  };
}
