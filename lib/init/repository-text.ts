import { dockerHub, type Reference } from "../oci/reference";

/** A repository as `host/path`, without what Docker Hub puts before names of its own. */
export function repositoryText({ repository }: Reference): string {
  const { registry, path } = repository;
  return registry === dockerHub ? `${registry}/${path.replace(/^library\//, "")}` : `${registry}/${path}`;
}
