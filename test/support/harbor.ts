import * as z from "zod";
import { ApiStandIn, type StandInAnswer, type StandInRequest } from "./api-stand-in";

const selector = z.strictObject({ kind: z.string(), decoration: z.string(), pattern: z.string() });
const rule = z.strictObject({
  action: z.literal("immutable"),
  template: z.literal("immutable_template"),
  tag_selectors: z.array(selector),
  scope_selectors: z.record(z.string(), z.array(selector)),
  disabled: z.boolean().optional(),
});

interface Project {
  public: string;
  rules: (z.infer<typeof rule> & { id: number })[];
}

/**
 * A stand-in of Harbor's API, written from its published description (api/v2.0/swagger.yaml). It has never met the
 * software.
 */
export class HarborStandIn extends ApiStandIn {
  readonly projects = new Map<string, Project>();
  /** Descriptions by `project/name`. */
  readonly repositories = new Map<string, string>();
  private count = 0;

  constructor(
    private readonly username: string,
    private readonly password: string,
  ) {
    super();
  }

  putProject(name: string, isPublic = true): Project {
    const made = { public: String(isPublic), rules: [] };
    this.projects.set(name, made);
    return made;
  }

  protected badRequest(message: string): StandInAnswer {
    return error(400, "BAD_REQUEST", message);
  }

  protected route({ method, pathname, body, headers }: StandInRequest): StandInAnswer {
    const { authorization } = headers;
    const own = Buffer.from(`${this.username}:${this.password}`).toString("base64");
    const isAdmin = authorization === `Basic ${own}`;
    if (authorization !== undefined && !isAdmin) return error(401, "UNAUTHORIZED", "unauthorized");
    const denied = error(isAdmin ? 403 : 401, isAdmin ? "FORBIDDEN" : "UNAUTHORIZED", "unauthorized");
    if (pathname === "/api/v2.0/projects" && method === "POST") {
      if (!isAdmin) return denied;
      const { project_name: name, metadata } = z
        .strictObject({
          project_name: z.string(),
          metadata: z.strictObject({ public: z.enum(["true", "false"]) }),
        })
        .parse(body);
      if (this.projects.has(name)) return error(409, "CONFLICT", `The project named ${name} already exists`);
      this.putProject(name, metadata.public === "true");
      return { status: 201 };
    }
    const [, name = "", rest = ""] = /^\/api\/v2\.0\/projects\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
    if (headers["x-is-resource-name"] !== "true") return this.badRequest("a name is taken for an id");
    const project = this.projects.get(name);
    if (project === undefined) return isAdmin ? error(404, "NOT_FOUND", `project ${name} not found`) : denied;
    if (method === "GET" && project.public !== "true" && !isAdmin) return denied;
    if (method !== "GET" && !isAdmin) return denied;
    if (rest === "") return this.project(name, project, method, body);
    if (rest.startsWith("/immutabletagrules"))
      return this.rule(project, method, rest.slice("/immutabletagrules".length), body);
    const encoded = /^\/repositories\/([^/]+)$/.exec(rest)?.[1] ?? "";
    const path = `${name}/${decodeURIComponent(decodeURIComponent(encoded))}`;
    const description = this.repositories.get(path);
    if (description === undefined) return error(404, "NOT_FOUND", `repository ${path} not found`);
    if (method === "GET")
      return { status: 200, content: { name: path, description, pull_count: 5, artifact_count: 1 } };
    this.repositories.set(path, z.strictObject({ description: z.string() }).parse(body).description);
    return { status: 200 };
  }

  private project(name: string, project: Project, method: string, body: unknown): StandInAnswer {
    if (method === "GET") {
      return { status: 200, content: { name, project_id: 1, metadata: { public: project.public } } };
    }
    project.public = z
      .strictObject({ metadata: z.strictObject({ public: z.enum(["true", "false"]) }) })
      .parse(body).metadata.public;
    return { status: 200 };
  }

  private rule(project: Project, method: string, id: string, body: unknown): StandInAnswer {
    if (method === "GET") return { status: 200, content: project.rules };
    if (method === "DELETE") {
      project.rules = project.rules.filter((one) => `/${one.id}` !== id);
      return { status: 200 };
    }
    project.rules.push({ ...rule.parse(body), id: ++this.count });
    return { status: 201 };
  }
}

function error(status: number, code: string, message: string): StandInAnswer {
  return { status, content: { errors: [{ code, message }] } };
}
