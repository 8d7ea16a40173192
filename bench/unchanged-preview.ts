import type { EngineProject } from "../test/support/engine";
import type { TestRegistry } from "../test/support/registries";
import { timed } from "./empty-program";

/** Previews of a stack that is as declared, and what the last of them asked the registry. */
export class UnchangedPreview {
  private asked: readonly string[] = [];

  constructor(
    private readonly project: EngineProject,
    private readonly registry: TestRegistry,
  ) {}

  /** Requests of the last preview as `METHOD path`, in order. */
  get requests(): readonly string[] {
    return this.asked;
  }

  /** Previews once. Returns the seconds that it took. @throws where anything would change */
  async run(): Promise<number> {
    const before = this.registry.requests().length;
    const seconds = await timed(() =>
      this.project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]),
    );
    this.asked = this.registry
      .requests()
      .slice(before)
      .map(({ method, path }) => `${method} ${path}`);
    return seconds;
  }
}

/** How often each value is there. */
export function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
