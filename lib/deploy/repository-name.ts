/** A repository as people write it: Docker Hub's without its host. */
export function familiarRepository(repository: string): string {
  return repository.replace(/^docker\.io\/(?:library\/)?/, "");
}
