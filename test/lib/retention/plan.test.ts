import assert from "node:assert/strict";
import { planRetention } from "../../../lib/retention/plan";
import { HeldRepository, held, listTag, question } from "./repository";

/** Notices that were announced long ago, of lines that may go by now. */
const announced = (...lines: string[]) =>
  lines.map((versions) => ({ versions, since: "2025-01-01", removal: "2026-01-01" }));

/** Versions of five majors, each of a year of its own. */
const years = { "1.0.0": "2020-05-05", "2.0.0": "2021-05-05", "3.0.0": "2022-05-05", "4.0.0": "2023-05-05" };

function fiveMajors(): HeldRepository {
  const repository = new HeldRepository();
  for (const major of [1, 2, 3, 4]) {
    repository.image(`v${major}.0.0`, [`v${major}.0.0`, `v${major}.0`, `v${major}`]);
  }
  return repository.image("v5.0.0", ["v5.0.0", "v5.0", "v5", "latest"]);
}

describe("the retention of versions", () => {
  const cases: readonly [title: string, further: Parameters<typeof question>[1], due: readonly string[]][] = [
    ["TINY-35: keeps the last three majors, however old", { notices: announced("1", "2", "3") }, ["1", "2"]],
    ["TINY-37: keeps what nobody announced", { notices: announced("1") }, ["1"]],
    [
      "TINY-37: keeps what is announced for a day that has not come",
      { notices: [{ versions: "1", since: "2026-01-01", removal: "2026-12-01" }] },
      [],
    ],
    [
      "TINY-37: removes on the very day",
      { notices: [{ versions: "1", since: "2026-01-01", removal: "2026-11-30" }] },
      ["1"],
    ],
    [
      "TINY-37: takes no notice of what is announced from tomorrow on",
      { notices: [{ versions: "1", since: "2026-11-30", removal: "2026-11-30" }] },
      [],
    ],
    [
      "TINY-37: keeps what is deprecated and is not to be removed",
      { notices: [{ versions: "1", since: "2025-01-01" }] },
      [],
    ],
    [
      "TINY-37: keeps what is exactly two years old",
      { notices: announced("1", "2"), published: { ...years, "2.0.0": "2024-11-30" } },
      ["1"],
    ],
    [
      "TINY-37: removes what is a day older",
      { notices: announced("1", "2"), published: { ...years, "2.0.0": "2024-11-29" } },
      ["1", "2"],
    ],
    ["keeps what nobody knows the day of", { notices: announced("1", "2"), published: {} }, []],
    ["keeps what is declared", { notices: announced("1", "2"), needs: new Set(["v1.0.0"]) }, ["2"]],
    [
      "keeps the digest of a declared component",
      { notices: announced("1"), needs: new Set([held("v1.0.0")]) },
      ["1"],
    ],
    ["PROD-07: removes nothing without a rule", { notices: announced("1", "2"), rule: {} }, []],
    ["counts a line that was announced alone", { notices: announced("1.1"), published: years }, []],
  ];
  for (const [title, further, majors] of cases) {
    it(title, () => {
      const { due, steps } = planRetention(
        question(fiveMajors().contents(), { published: years, ...further }),
      );
      const expected = majors.flatMap((major) => [`v${major}`, `v${major}.0`, `v${major}.0.0`]);
      assert.deepEqual(Object.keys(due).sort(), expected.sort());
      const keepsContent = title.includes("component");
      const manifests = majors.flatMap((major) =>
        ["", "/amd64", "/arm64"].map((part) => held(`v${major}.0.0${part}`)),
      );
      assert.deepEqual(
        steps.filter(({ tag }) => tag === undefined).map(({ digest }) => digest),
        keepsContent ? [] : manifests,
      );
    });
  }

  it("says why each goes, and why each stays", () => {
    const { due, kept } = planRetention(
      question(fiveMajors().contents(), {
        published: { ...years, "2.0.0": "2025-02-01" },
        notices: announced("1", "2"),
      }),
    );
    assert.equal(
      due["v1.0.0"],
      "published 2020-05-05, older than 2y, outside the last 3 majors, removal announced for 2026-01-01",
    );
    assert.equal(due["v1"], "all versions of it go");
    assert.equal(kept["v2.0.0"], "it is of 2025-02-01, and not older than 2y");
    assert.equal(kept["v2"], "it is the alias of versions that stay");
    assert.equal(kept["v3.0.0"], "it is of the last 3 majors");
    assert.equal(kept["latest"], "it is the alias of versions that stay");
  });

  it("keeps a version that a tag of somebody else points to", () => {
    const repository = fiveMajors();
    repository.tags.set("stable", held("v1.0.0"));
    const { due, kept } = planRetention(
      question(repository.contents(), { published: years, notices: announced("1") }),
    );
    assert.deepEqual(due, {});
    assert.equal(kept["v1.0.0"], "stable points to the same, and stays");
    assert.equal(kept["v1"], "what it is of stays");
    assert.equal(kept.stable, "no rule for tags gives it");
  });

  it("keeps an alias that a version of the line still has, and what it points to", () => {
    const repository = fiveMajors().image("v1.1.0", ["v1.1.0", "v1.1", "v1"]);
    const { due } = planRetention(
      question(repository.contents(), {
        published: { ...years, "1.1.0": "2026-10-01" },
        notices: announced("1"),
      }),
    );
    assert.deepEqual(Object.keys(due).sort(), ["v1.0", "v1.0.0"]);
  });

  it("takes the commit tags of a version along, and its rebuilds", () => {
    const repository = fiveMajors().image("v1.0.0", ["v1.0.0", "v1.0.0-abc1234"]);
    repository.image("v1.0.0-20200601", ["v1.0.0-20200601", "v1.0", "v1"]);
    const { due } = planRetention(
      question(repository.contents(), {
        published: { ...years, "1.0.0-20200601": "2020-06-01" },
        notices: announced("1"),
      }),
    );
    assert.deepEqual(Object.keys(due).sort(), ["v1", "v1.0", "v1.0.0", "v1.0.0-20200601", "v1.0.0-abc1234"]);
  });
});

describe("the retention of what is made again and again", () => {
  const nights = [1, 2, 3, 4, 5].map((day) => `nightly-2026110${day}`);
  const cases: readonly [title: string, further: Parameters<typeof question>[1], due: readonly string[]][] = [
    ["keeps the newest by count", { rule: { dates: { keep: 2 } } }, nights.slice(0, 3)],
    ["keeps the young by age", { rule: { dates: { after: "27d" } } }, nights.slice(0, 2)],
    ["keeps what either keeps", { rule: { dates: { keep: 4, after: "27d" } } }, nights.slice(0, 1)],
    ["keeps all without a rule", { rule: {} }, []],
    ["keeps all where the count is not reached", { rule: { dates: { keep: 9 } } }, []],
    [
      "keeps commits of the day of the last that is kept",
      {
        rule: { commits: { keep: 1 } },
        seen: { aaaaaaa: "2026-10-01", bbbbbbb: "2026-10-02", ccccccc: "2026-10-02" },
      },
      ["aaaaaaa"],
    ],
    ["keeps commits that are seen for the first time", { rule: { commits: { keep: 1 } } }, []],
    [
      "removes branches that have not moved for long",
      {
        rule: { branches: { after: "30d" } },
        seen: {
          "branch-old": `2026-10-01 ${held("branch-old")}`,
          // Built again since it was seen.
          "branch-new": `2026-10-01 ${held("something else")}`,
        },
      },
      ["branch-old"],
    ],
    [
      "removes tags of pull requests",
      { rule: { pullRequests: { after: "7d" } }, seen: { "pr-12": `2026-11-01 ${held("pr-12")}` } },
      ["pr-12"],
    ],
  ];
  for (const [title, further, due] of cases) {
    it(title, () => {
      const repository = new HeldRepository();
      const others = ["aaaaaaa", "bbbbbbb", "ccccccc", "branch-old", "branch-new", "pr-12", "nightly"];
      for (const tag of [...nights, ...others]) repository.image(tag);
      const plan = planRetention(question(repository.contents(), further));
      assert.deepEqual(Object.keys(plan.due).sort(), [...due].sort());
    });
  }

  it("removes a tag alone where another tag has the same content", () => {
    const repository = new HeldRepository().image("v1.0.0", ["v1.0.0", "nightly-20261001"]);
    const { steps } = planRetention(question(repository.contents(), { rule: { dates: { after: "7d" } } }));
    assert.deepEqual(steps, [{ tag: "nightly-20261001", digest: held("v1.0.0"), isOfDigest: false }]);
  });

  it("notes since when it knows what has no other day", () => {
    const repository = new HeldRepository()
      .image("aaaaaaa")
      .image("nightly")
      .image("v1.0.0")
      .image("branch-x");
    const first = planRetention(question(repository.contents(), { published: { "1.0.0": "2026-01-01" } }));
    assert.deepEqual(first.seen, {
      aaaaaaa: "2026-11-30",
      "branch-x": `2026-11-30 ${held("branch-x")}`,
      nightly: `2026-11-30 ${held("nightly")}`,
    });
    const second = planRetention(question(repository.contents(), { seen: first.seen, on: "2026-12-24" }));
    assert.deepEqual(second.seen, { ...first.seen, "v1.0.0": "2026-12-24" });
  });
});

describe("what goes with an image", () => {
  const old = { notices: announced("1"), published: years };

  it("is deleted in this order: tags, index, what belongs to it, platforms", () => {
    const repository = fiveMajors()
      .list("v1.0.0", "signature")
      .list("v1.0.0/amd64", "sbom")
      .list("signature", "stamp");
    const { steps } = planRetention(question(repository.contents(), old));
    assert.deepEqual(
      steps.map(({ tag, digest }) => tag ?? digest),
      [
        ...["v1.0", "v1", "v1.0.0"],
        held("v1.0.0"),
        ...[held("v1.0.0/amd64"), listTag("v1.0.0/amd64"), held("list of v1.0.0/amd64"), held("sbom")],
        held("v1.0.0/arm64"),
        ...[listTag("v1.0.0"), held("list of v1.0.0"), held("signature")],
        ...[listTag("signature"), held("list of signature"), held("stamp")],
      ],
    );
  });

  it("stays where something that stays has it too", () => {
    const repository = fiveMajors().list("v1.0.0", "signature").list("v5.0.0", "signature");
    repository.manifests.set(held("v1.0.0"), {
      children: [
        { digest: held("v5.0.0/amd64"), isIndex: false },
        { digest: held("v1.0.0/arm64"), isIndex: false },
      ],
    });
    const { steps } = planRetention(question(repository.contents(), old));
    const gone = steps.map(({ tag, digest }) => tag ?? digest);
    assert(gone.includes(held("v1.0.0/arm64")));
    assert(!gone.includes(held("v5.0.0/amd64")), "a platform of another index");
    assert(!gone.includes(held("signature")), "what refers to another index too");
  });

  it("stays where a tag that stays refers to it", () => {
    const repository = fiveMajors();
    repository.tags.set("audit", held("audit"));
    repository.manifests.set(held("audit"), { children: [], subject: held("v1.0.0") });
    const { steps } = planRetention(question(repository.contents(), old));
    assert.deepEqual(
      steps.map(({ tag }) => tag),
      ["v1.0", "v1", "v1.0.0"],
    );
  });

  it("is told by the registry's own list, and asked for first", () => {
    const repository = fiveMajors();
    const ask = () => planRetention(question(repository.contents({ hasReferrersApi: true }), old));
    const first = ask();
    assert.deepEqual(first.steps, []);
    assert.deepEqual(first.unread.referrers, [held("v1.0.0"), held("v1.0.0/amd64"), held("v1.0.0/arm64")]);
    for (const digest of first.unread.referrers) repository.referrers.set(digest, []);
    repository.referrers.set(held("v1.0.0"), [held("signature")]);
    assert.deepEqual(ask().unread.referrers, [held("signature")]);
    repository.referrers.set(held("signature"), []);
    assert(ask().steps.some(({ digest }) => digest === held("signature")));
  });

  it("does not believe a list of others where the registry has its own", () => {
    const repository = fiveMajors().list("v1.0.0", "signature", "somebody");
    for (const name of ["v1.0.0", "v1.0.0/amd64", "v1.0.0/arm64", "signature", "somebody"])
      repository.referrers.set(held(name), []);
    const ask = () => planRetention(question(repository.contents({ hasReferrersApi: true }), old));
    assert.deepEqual(ask().unread.manifests, [held("signature"), held("somebody")]);
    repository.manifests.set(held("signature"), { children: [], subject: held("v1.0.0") });
    repository.manifests.set(held("somebody"), { children: [], subject: held("v5.0.0") });
    const gone = ask().steps.map(({ digest }) => digest);
    assert(gone.includes(held("signature")));
    assert(!gone.includes(held("somebody")));
  });

  it("is not told before an index in an index was read", () => {
    const repository = fiveMajors();
    for (const name of ["v1.0.0", "v5.0.0"])
      repository.manifests.set(held(name), { children: [{ digest: held(`${name}/inner`), isIndex: true }] });
    const ask = () => planRetention(question(repository.contents(), old));
    assert.deepEqual(ask().unread.manifests.toSorted(), [held("v1.0.0/inner"), held("v5.0.0/inner")]);
    for (const name of ["v1.0.0", "v5.0.0"])
      repository.manifests.set(held(`${name}/inner`), {
        children: [{ digest: held("shared"), isIndex: false }],
      });
    const gone = ask().steps.map(({ digest }) => digest);
    assert(gone.includes(held("v1.0.0/inner")));
    assert(!gone.includes(held("shared")));
  });

  it("is nothing where the registry did not answer whole", () => {
    const repository = fiveMajors();
    const { due, steps, seen } = planRetention(
      question(repository.contents({ incomplete: ["v1.0.0 is listed, and is not there"] }), {
        ...old,
        seen: { aaaaaaa: "2026-01-01" },
      }),
    );
    assert.deepEqual([due, steps, seen], [{}, [], { aaaaaaa: "2026-01-01" }]);
  });

  it("is not more than was announced", () => {
    const { due } = planRetention(
      question(fiveMajors().contents(), {
        published: years,
        notices: announced("1", "2"),
        only: new Set(["v2.0.0", "v2.0", "v2"]),
      }),
    );
    assert.deepEqual(Object.keys(due).sort(), ["v2", "v2.0", "v2.0.0"]);
  });

  it("stays where one of its tags was not announced", () => {
    const { due, steps } = planRetention(
      question(fiveMajors().contents(), {
        published: years,
        notices: announced("1"),
        only: new Set(["v1.0.0", "v1.0"]),
      }),
    );
    assert.deepEqual([due, steps], [{}, []]);
  });
});

describe("what a run that was cut off has left of a version", () => {
  const published = {
    "1.0.0": { day: "2020-05-05", digests: [held("v1.0.0")] },
    "5.0.0": { day: "2026-05-05", digests: [held("v5.0.0")] },
  };
  const ask = (repository: HeldRepository, notices: ReturnType<typeof announced>) => {
    const contents = repository.contents();
    return planRetention({ ...question(contents, { notices }), published });
  };
  const untagged = () => {
    const repository = fiveMajors();
    for (const tag of ["v1.0.0", "v1.0", "v1"]) repository.tags.delete(tag);
    return repository;
  };

  it("goes, once it was looked for", () => {
    const repository = untagged();
    const image = repository.manifests.get(held("v1.0.0"))!;
    repository.manifests.delete(held("v1.0.0"));
    assert.deepEqual(ask(repository, announced("1")).unread.manifests, [held("v1.0.0")]);
    repository.manifests.set(held("v1.0.0"), image);
    const { due, steps } = ask(repository, announced("1"));
    assert.match(due[held("v1.0.0")] ?? "", /^what is left of 1\.0\.0, published 2020-05-05, older than 2y/);
    assert.deepEqual(
      steps.map(({ digest }) => digest),
      [held("v1.0.0"), held("v1.0.0/amd64"), held("v1.0.0/arm64")],
    );
  });

  it("is nothing where it is gone", () => {
    const repository = untagged();
    repository.manifests.delete(held("v1.0.0"));
    repository.absent.add(held("v1.0.0"));
    const { due, unread } = ask(repository, announced("1"));
    assert.deepEqual([due, unread.manifests], [{}, []]);
  });

  it("stays where the version is not given up, and where another tag has it", () => {
    assert.deepEqual(ask(untagged(), []).due, {});
    const repository = untagged();
    repository.tags.set("stable", held("v1.0.0"));
    assert.deepEqual(ask(repository, announced("1")).due, {});
  });
});

describe("what nothing leads to", () => {
  const rule = { untagged: { after: "30d" } };

  it("is what refers to something that is gone", () => {
    const repository = fiveMajors().list("gone", "signature");
    const ask = (seen: Record<string, string>) =>
      planRetention(question(repository.contents(), { rule, seen }));
    assert.deepEqual(ask({}).unread.manifests, [held("gone")]);
    repository.absent.add(held("gone"));
    const first = ask({});
    assert.deepEqual([first.due, first.seen[listTag("gone")]], [{}, "2026-11-30"]);
    const later = ask({ [listTag("gone")]: "2026-10-01" });
    assert.deepEqual(
      later.steps.map(({ tag, digest }) => tag ?? digest),
      [listTag("gone"), held("list of gone"), held("signature")],
    );
    assert.match(
      later.due[listTag("gone")] ?? "",
      /^it is of sha256:\w+, which is not there, known since 2026-10-01/,
    );
  });

  it("is what a moving tag pointed to before", () => {
    const repository = fiveMajors().image("former", []).image("nightly");
    const ask = (seen: Record<string, string>) =>
      planRetention(question(repository.contents(), { rule, seen }));
    const moved = ask({ nightly: `2026-09-01 ${held("former")}` });
    assert.deepEqual([moved.due, moved.seen[held("former")]], [{}, "2026-11-30"]);
    const later = ask({ [held("former")]: "2026-10-01" });
    assert.deepEqual(Object.keys(later.due), [held("former")]);
    assert.equal(later.steps.length, 3);
  });

  it("is nothing that a published version consists of, whatever became of its tag", () => {
    const repository = fiveMajors().image("v4.1.0", []).list("v4.1.0", "signature");
    const asked = question(repository.contents(), { rule, seen: { [held("v4.1.0")]: "2020-01-01" } });
    assert.equal(Object.keys(planRetention(asked).due).length, 1);
    const published = { "4.1.0": { day: "2026-01-01", digests: [held("v4.1.0")] } };
    assert.deepEqual(planRetention({ ...asked, published, seen: {} }).due, {});
  });

  it("is nothing that refers to what is there", () => {
    const repository = fiveMajors().list("signature", "stamp");
    repository.manifests.set(held("signature"), { children: [], subject: held("v5.0.0") });
    const { due, kept } = planRetention(
      question(repository.contents(), { rule, seen: { [held("signature")]: "2020-01-01" } }),
    );
    assert.deepEqual(due, {});
    assert.equal(kept[held("signature")], `it refers to ${held("v5.0.0")}`);
  });

  it("stays without a rule", () => {
    const { due, unread } = planRetention(
      question(fiveMajors().list("gone", "signature").contents(), { rule: {} }),
    );
    assert.deepEqual([due, unread.manifests], [{}, []]);
  });
});
