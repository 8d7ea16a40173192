import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { assertApproved, previewWithDiff } from "./approved-diff";
import type { ExampleProject } from "./example-project";

/**
 * What is published after a step: by tag, the step whose digest it has. `undefined`: there is no
 * such tag.
 */
export type PublishedState = Readonly<Record<string, string | undefined>>;

/** One step in the life of a system. */
export interface HistoryStep {
  /** Name that later steps and tables call it by, for example "first release". */
  name: string;
  /** What changes before the release: configuration, by key, and files, by path. */
  config?: Readonly<Record<string, string>>;
  files?: Readonly<Record<string, string | ((text: string) => string)>>;
  /** Anything else, for example a new base image, or a registry that is down. */
  change?: (project: ExampleProject) => Promise<void>;
  /**
   * What the preview has to name, each somewhere in its text. An empty list: the preview changes
   * nothing.
   */
  preview?: readonly (string | RegExp)[];
  /** Name of the approved text that `slipway diff` has to have before the update. */
  approved?: string;
  /** The update has to fail, and say this; the preview may. Default: both succeed. */
  fails?: string | RegExp;
  /** Runs the update instead of a plain `pulumi up`, for example to kill it. */
  run?: (project: ExampleProject) => Promise<void>;
  /** The state of every repository afterwards. Default: that after the step before. */
  published?: PublishedState;
  /** State of single repositories, over `published`: images whose tags differ. */
  exceptions?: Readonly<Record<string, PublishedState>>;
  /** More that has to hold afterwards. */
  check?: (project: ExampleProject) => Promise<void>;
}

/** What a history is about. */
export interface History {
  /** The project, when the first step begins. */
  project: () => ExampleProject;
  /** Repositories, `host/path`, whose tags are compared after each step. */
  repositories: () => readonly string[];
  steps: readonly HistoryStep[];
}

/**
 * Declares one test a step: preview says what is about to change and leaves everything published as
 * it was, the update does it or fails, and then every repository has exactly the tags of the table,
 * each with the digest that the named step has given it. Judged by crane.
 *
 * @param title of a step's test, e.g. with the requirement it proves
 */
export function runHistory(
  history: History,
  title: (step: HistoryStep) => string = ({ name }) => name,
): void {
  /** Digest that a step gave to a repository, by `step repository`. */
  const made = new Map<string, string>();
  let expected: Pick<HistoryStep, "published" | "exceptions"> = {};
  let wentWrong: string | undefined;

  for (const step of history.steps) {
    it(title(step), async () => {
      // What follows would only repeat that the state is another one.
      assert.equal(wentWrong, undefined, `"${wentWrong}", a step before this one, went wrong`);
      wentWrong = step.name;
      const project = history.project();
      await apply(project, step);
      if (step.preview !== undefined || step.approved !== undefined) {
        const before = await observe(history.repositories());
        await preview(project, step);
        assert.deepEqual(await observe(history.repositories()), before, "the preview published something");
      }
      await update(project, step);
      if (step.published) expected = { published: step.published, exceptions: step.exceptions };
      const observed = await observe(history.repositories());
      for (const [repository, tags] of observed) compare(step, repository, tags);
      await step.check?.(project);
      wentWrong = undefined;
    });
  }

  function compare(step: HistoryStep, repository: string, tags: Readonly<Record<string, string>>): void {
    const image = repository.slice(repository.lastIndexOf("/") + 1);
    const table = expected.exceptions?.[image] ?? expected.published ?? {};
    const wanted = Object.entries(table).filter(([, by]) => by !== undefined);
    const names = wanted.map(([tag]) => tag).sort();
    assert.deepEqual(Object.keys(tags).sort(), names, `tags of ${repository} after "${step.name}"`);
    for (const [tag, by = ""] of wanted) {
      const digest = tags[tag] ?? "";
      const key = `${by} ${repository}`;
      if (!made.has(key)) {
        assert.equal(by, step.name, `${repository}:${tag} is said to be of "${by}", which made no digest`);
        const same = makerOf(repository, digest);
        assert.equal(same, undefined, `"${by}" made no other ${repository} than "${same}" did`);
        made.set(key, digest);
      }
      const other = makerOf(repository, digest) ?? "no step so far";
      const reason = `${repository}:${tag} after "${step.name}" is not what "${by}" made, but what "${other}" did`;
      assert.equal(digest, made.get(key), reason);
    }
  }

  /** The step that has given a repository a digest. */
  function makerOf(repository: string, digest: string): string | undefined {
    const found = [...made].find(([key, value]) => value === digest && key.endsWith(` ${repository}`));
    return found?.[0].slice(0, -` ${repository}`.length);
  }
}

async function apply(
  project: ExampleProject,
  { config = {}, files = {}, change }: HistoryStep,
): Promise<void> {
  await project.configure(config);
  for (const [file, content] of Object.entries(files)) await project.edit(file, content);
  await change?.(project);
}

/** What is going to fail may be refused at preview already. */
async function preview(
  project: ExampleProject,
  { preview: names, fails, approved }: HistoryStep,
): Promise<void> {
  const { code, text, diff } = await previewWithDiff(project);
  assert.ok(code === 0 || fails !== undefined, `pulumi preview: exit code ${code}\n${text}`);
  if (approved !== undefined) await assertApproved(approved, project, diff);
  if (names === undefined) return;
  if (names.length === 0) assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
  for (const wanted of names) {
    const named = typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    assert.ok(named, `the preview does not name ${String(wanted)}:\n${text}`);
  }
}

async function update(project: ExampleProject, { fails, run }: HistoryStep): Promise<void> {
  if (run) return run(project);
  if (fails === undefined) return void (await project.upWithoutPreview());
  const text = await project.failingUp();
  const said = typeof fails === "string" ? text.includes(fails) : fails.test(text);
  assert.ok(said, `the update failed without saying ${String(fails)}:\n${text}`);
}

/**
 * Tags of each repository with their digests, as crane sees them. A repository that does not exist
 * has none.
 */
export async function observe(
  repositories: readonly string[],
): Promise<Map<string, Readonly<Record<string, string>>>> {
  const found = await Promise.all(
    repositories.map(async (repository): Promise<[string, Record<string, string>]> => {
      const tags = (await tagsOf(repository)).filter((tag) => !isReferrerTag(tag));
      const entries = tags.map(
        async (tag) => [tag, await crane(["digest", `${repository}:${tag}`])] as const,
      );
      return [repository, Object.fromEntries(await Promise.all(entries))];
    }),
  );
  return new Map(found);
}

async function tagsOf(repository: string): Promise<string[]> {
  try {
    return (await crane(["ls", repository])).split("\n").filter((tag) => tag !== "");
  } catch (error) {
    if (/NAME_UNKNOWN/.test((error as Error).message)) return [];
    throw error;
  }
}

/** Tags by which registries without the referrers API find what is attached to a digest. */
function isReferrerTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}(\.(sig|att|sbom))?$/.test(tag);
}
