import type { FakeGit } from "./git";
import type { Rendering } from "./rendering";
import type { FakeRepository } from "./repository";

/** A request to an operation, with what its path names already found. */
export interface OperationCall {
  repository: FakeRepository;
  /** Parts of the path, decoded. */
  path: Record<string, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
  /** Whether the token may write: only then are drafts seen. */
  writer: boolean;
  render: Rendering;
  /** `Accept` header. */
  accept: string;
  /** The git repositories, where the fake has some. */
  git: FakeGit | undefined;
}
