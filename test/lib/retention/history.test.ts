import assert from "node:assert/strict";
import { planRetention } from "../../../lib/retention/plan";
import { HeldRepository, held, listTag, question } from "./repository";

/**
 * Five majors, one a year, with fifteen minor versions and four patches each; aliases, nightly builds and their commits: 400
 * tags of four years, each version with two platforms and a signature.
 */
const years = [2022, 2023, 2024, 2025, 2026];
const nights = [...Array(10).keys()].map((index) => `nightly-202610${String(index + 10)}`);
const commits = [...Array(9).keys()].map((index) => `${index}aaaaaa`);

/** A patch of a line that was thought to be over. */
const late = { "1.14.3": "2025-02-01", "2.3.3": "2026-03-01" };

interface History {
  readonly repository: HeldRepository;
  readonly published: Record<string, string>;
}

function history(): History {
  const repository = new HeldRepository();
  const published: Record<string, string> = {};
  years.forEach((year, index) => {
    const major = index + 1;
    for (let minor = 0; minor < 15; minor++) {
      for (let patch = 0; patch < 4; patch++) {
        const version = `${major}.${minor}.${patch}`;
        const month = String(Math.floor((minor * 12) / 15) + 1).padStart(2, "0");
        published[version] = `${year}-${month}-${String(1 + patch * 7).padStart(2, "0")}`;
        const aliases = [
          ...(patch === 3 ? [`v${major}.${minor}`] : []),
          ...(patch === 3 && minor === 14 ? [`v${major}`] : []),
          ...(version === "5.14.3" ? ["latest"] : []),
        ];
        repository.image(`v${version}`, [`v${version}`, ...aliases]);
      }
    }
  });
  for (const tag of [...nights, ...commits]) repository.image(tag);
  assert.equal(repository.tags.size, 400);
  for (const version of Object.keys(published)) repository.list(`v${version}`, `signature of v${version}`);
  return { repository, published: { ...published, ...late } };
}

/** `v1.{0..2}` is three texts. */
function expanded(text: string): string[] {
  const [whole, from = "", to = ""] = /\{(\d+)\.\.(\d+)\}/.exec(text) ?? [];
  if (whole === undefined) return [text];
  const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  return numbers.flatMap((number) => expanded(text.replace(whole, String(number))));
}

describe("the retention of four years, TINY-35, TINY-37", () => {
  // Written by hand. Of 1 all was announced, and 1.14.3 is not two years old; of 2 only three lines, and 2.3.3 is young; 2.5
  // is announced for later. Of the nights only the first two are older than seven weeks.
  const table = [
    "v1.{0..13}.{0..3}",
    "v1.{0..13}",
    "v1.14.{0..2}",
    "v2.2.{0..3}",
    "v2.2",
    "v2.3.{0..2}",
    "nightly-202610{10..11}",
    "{0..3}aaaaaa",
  ];
  const notices = [
    { versions: "1", since: "2025-06-01", removal: "2026-06-01" },
    { versions: "2.2", since: "2025-06-01", removal: "2026-11-30" },
    { versions: "2.3", since: "2025-06-01", removal: "2026-06-01" },
    { versions: "2.5", since: "2025-06-01", removal: "2027-01-01" },
    // Announced, and supported all the same.
    { versions: "3", since: "2025-06-01", removal: "2026-06-01" },
  ];
  const rule = {
    versions: { majors: 3, after: "2y" },
    dates: { keep: 5, after: "7w" },
    commits: { keep: 5, after: "30d" },
  };
  const seen = Object.fromEntries(commits.map((commit, index) => [commit, `2026-09-0${index + 1}`]));

  it("takes what the table has, and nothing else", () => {
    const { repository, published } = history();
    const { due, steps } = planRetention(question(repository.contents(), { published, notices, rule, seen }));
    const expected = table.flatMap(expanded).sort();
    assert.deepEqual(Object.keys(due).sort(), expected);
    assert.equal(expected.length, 56 + 14 + 3 + 4 + 1 + 3 + 2 + 4);

    // What they consist of goes, and what anything else consists of does not.
    const images = expected.filter((tag) => !/^v\d+\.\d+$/.test(tag));
    const versions = images.filter((tag) => tag.startsWith("v"));
    const manifests = new Set([
      ...images.flatMap((name) => [held(name), held(`${name}/amd64`), held(`${name}/arm64`)]),
      ...versions.flatMap((name) => [held(`list of ${name}`), held(`signature of ${name}`)]),
    ]);
    assert.deepEqual(
      new Set(steps.flatMap(({ tag, digest }) => (tag === undefined ? digest : []))),
      manifests,
    );
    assert.deepEqual(
      steps.flatMap(({ tag }) => tag ?? []).sort(),
      [...expected, ...versions.map(listTag)].sort(),
    );
  });

  it("leaves a whole repository, wherever it is cut off", () => {
    const { repository, published } = history();
    const { steps } = planRetention(question(repository.contents(), { published, notices, rule, seen }));
    const gone = new Set<string>();
    for (const { tag, digest } of steps) {
      if (tag !== undefined) {
        // A tag that somebody can pull has all that it points to.
        assert(!gone.has(digest) || tag.startsWith("sha256-"), tag);
        gone.add(tag);
        continue;
      }
      const pointing = [...repository.tags].filter(([, to]) => to === digest).map(([name]) => name);
      assert.deepEqual(
        pointing.filter((name) => !gone.has(name)),
        [],
        digest,
      );
      const parents = [...repository.manifests].filter(([, { children }]) =>
        children.some((child) => child.digest === digest),
      );
      assert.deepEqual(
        parents.filter(([parent]) => !gone.has(parent)),
        [],
        digest,
      );
      gone.add(digest);
    }
  });

  it("takes nothing more on the same day, and the rest of a line when its day has come", () => {
    const { repository, published } = history();
    const ask = (on: string) =>
      planRetention(question(repository.contents(), { published, notices, rule, seen, on }));
    for (const { tag, digest } of ask("2026-11-30").steps) {
      if (tag === undefined) repository.manifests.delete(digest);
      else repository.tags.delete(tag);
    }
    assert.deepEqual(ask("2026-11-30").steps, []);
    assert.deepEqual(
      Object.keys(ask("2027-01-01").due).filter((tag) => tag.startsWith("v")),
      ["v2.5.0", "v2.5.1", "v2.5.2", "v2.5.3", "v2.5"],
    );
  });
});
