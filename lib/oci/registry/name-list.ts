import { pullScope } from "../transport/scope";
import type { RegistryConnection, RegistryRequest, RequestedContent } from "./connection";
import { eachPage, parseJsonAnswer, withPageSize, type ListLimits } from "./pagination";

/**
 * A paginated list of names: the tags of a repository or the repositories of a registry. A 404 is
 * an empty list. A page that is full although the registry names no further one is followed by a
 * request for what comes after its last name, because some registries cut the list to the page size
 * and say nothing.
 */
export async function listNames(
  connection: RegistryConnection,
  request: Pick<RegistryRequest, "operation" | "scopes" | "content"> & { path: string },
  property: "tags" | "repositories",
  limits?: ListLimits,
): Promise<string[]> {
  const { path, ...rest } = request;
  const { pageSize } = connection;
  const names = new Set<string>();
  const page: RegistryRequest = {
    ...rest,
    method: "GET",
    target: withPageSize(path, pageSize),
    expect: [200, 404],
    headers: { accept: "application/json" },
  };
  await eachPage(
    connection,
    page,
    (answer) => {
      if (answer.response.status === 404) return { entries: names.size };
      const listed = parseJsonAnswer(page, answer, connection.origin)[property];
      const found = (Array.isArray(listed) ? listed : []).filter((name) => typeof name === "string");
      const before = names.size;
      for (const name of found) names.add(name);
      const last = found.at(-1);
      if (pageSize === undefined || found.length < pageSize || names.size === before || last === undefined) {
        return { entries: names.size };
      }
      const next = `${withPageSize(path, pageSize)}&last=${encodeURIComponent(last)}`;
      return { entries: names.size, next };
    },
    limits,
  );
  return [...names];
}

/**
 * The tags of a repository.
 *
 * @param content of the request; without it a refusal is an error whatever it means
 * @throws RegistryError
 */
export async function listTags(
  connection: RegistryConnection,
  path: string,
  content?: RequestedContent,
): Promise<string[]> {
  const request = {
    operation: `listing the tags of ${connection.registry}/${path}`,
    path: `/v2/${path}/tags/list`,
    scopes: [pullScope(path)],
  };
  return listNames(connection, content ? { ...request, content } : request, "tags");
}
