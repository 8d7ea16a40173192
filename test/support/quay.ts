import * as z from "zod";
import { ApiStandIn, type StandInAnswer, type StandInRequest } from "./api-stand-in";

interface Repository {
  description: string;
  is_public: boolean;
  policies: { uuid: string; tagPattern: string; tagPatternMatches: boolean }[];
}

const creation = z.looseObject({
  repository: z.string(),
  namespace: z.string(),
  visibility: z.enum(["public", "private"]),
  description: z.string(),
  repo_kind: z.enum(["image", "application"]).nullish(),
});

/**
 * A stand-in of Quay's API, written from its public source (endpoints/api/repository.py and immutability_policy.py of
 * quay/quay). It has never met the service. Its error bodies are those of RFC 7807 with Quay's own fields.
 */
export class QuayStandIn extends ApiStandIn {
  readonly repositories = new Map<string, Repository>();
  /** Whether rules for immutable tags are switched on: FEATURE_IMMUTABLE_TAGS. */
  hasPolicies = true;
  private count = 0;

  /** @param token of an OAuth application that may do everything */
  constructor(private readonly token: string) {
    super();
  }

  put(path: string, repository: Partial<Repository> = {}): Repository {
    const made = { description: "", is_public: true, policies: [], ...repository };
    this.repositories.set(path, made);
    return made;
  }

  protected badRequest(message: string): StandInAnswer {
    return error(400, "invalid_request", message);
  }

  protected route({ method, pathname, body, headers }: StandInRequest): StandInAnswer {
    const { authorization } = headers;
    const isAdmin = authorization === `Bearer ${this.token}`;
    // A robot account, or a token that is not one.
    if (authorization !== undefined && !isAdmin) return error(401, "invalid_token", "Invalid bearer token");
    const denied = error(401, "insufficient_scope", "Unauthorized");
    if (pathname === "/api/v1/repository" && method === "POST") {
      if (!isAdmin) return denied;
      const { namespace, repository: name, visibility, description } = creation.parse(body);
      if (this.repositories.has(`${namespace}/${name}`)) return this.badRequest("Repository already exists");
      this.put(`${namespace}/${name}`, { description, is_public: visibility === "public" });
      return { status: 201, content: { namespace, name, kind: "image" } };
    }
    const [, path = "", rest = ""] =
      /^\/api\/v1\/repository\/(.+?)(\/changevisibility|\/immutabilitypolicy\/[^/]*)?$/.exec(pathname) ?? [];
    const repository = this.repositories.get(path);
    if (repository === undefined) return isAdmin ? error(404, "not_found", "Not Found") : denied;
    if (method === "GET" && rest === "") {
      if (!repository.is_public && !isAdmin) return denied;
      const { description, is_public } = repository;
      return {
        status: 200,
        content: { name: path, kind: "image", description, is_public, can_admin: isAdmin },
      };
    }
    if (!isAdmin) return denied;
    if (method === "PUT" && rest === "") {
      repository.description = z.looseObject({ description: z.string() }).parse(body).description;
      return { status: 200, content: { success: true } };
    }
    if (method === "POST" && rest === "/changevisibility") {
      const { visibility } = z.looseObject({ visibility: z.enum(["public", "private"]) }).parse(body);
      repository.is_public = visibility === "public";
      return { status: 200, content: { success: true } };
    }
    if (!rest.startsWith("/immutabilitypolicy/") || !this.hasPolicies)
      return error(404, "not_found", "Not Found");
    return this.policy(repository, method, rest.slice("/immutabilitypolicy/".length), body);
  }

  private policy(repository: Repository, method: string, uuid: string, body: unknown): StandInAnswer {
    if (method === "GET") return { status: 200, content: { policies: repository.policies } };
    if (method === "DELETE") {
      repository.policies = repository.policies.filter((policy) => policy.uuid !== uuid);
      return { status: 200, content: { uuid } };
    }
    const { tagPattern, tagPatternMatches = true } = z
      .looseObject({ tagPattern: z.string().min(1).max(256), tagPatternMatches: z.boolean().optional() })
      .parse(body);
    if (repository.policies.some((policy) => policy.tagPattern === tagPattern)) {
      return this.badRequest("A policy with the same tag_pattern already exists");
    }
    const made = { uuid: `policy-${++this.count}`, tagPattern, tagPatternMatches };
    repository.policies.push(made);
    return { status: 201, content: { uuid: made.uuid } };
  }
}

function error(status: number, kind: string, message: string): StandInAnswer {
  return {
    status,
    content: { detail: message, error_message: message, error_type: kind, status, title: kind },
  };
}
