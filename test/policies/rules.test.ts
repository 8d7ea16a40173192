import assert from "node:assert/strict";
import { rules } from "../../policies/rules";
import { PackProcess } from "./pack-process";
import { builtCases } from "./cases/built";
import { placedCases } from "./cases/placed";
import { publishedCases } from "./cases/published";

const ruleCases = { ...publishedCases, ...builtCases, ...placedCases };

describe("rules, through the protocol of the engine", () => {
  let pack: PackProcess;
  before(async () => {
    pack = await PackProcess.start();
  });
  after(() => pack?.stop());

  for (const rule of rules.filter(({ check }) => check)) {
    describe(`PROD-06: ${rule.name}`, () => {
      const cases = ruleCases[rule.name] ?? [];
      for (const { title, type, props, config, finding, without } of cases) {
        it(`${finding ? "finds" : "accepts"}: ${title} (${type})`, async () => {
          await pack.configure(config ? { [rule.name]: config } : {});
          const violations = await pack.analyze(type, props);
          const messages = violations
            .filter(({ policy }) => policy === rule.name)
            .map(({ message }) => message);
          if (!finding) return assert.deepEqual(messages, []);
          assert.equal(messages.length, 1, messages.join("\n"));
          assert.match(messages[0] ?? "", finding);
          assert.ok(messages[0]?.includes(`To do: ${rule.remedy}`), messages[0]);
          if (without) assert.doesNotMatch(messages[0] ?? "", without);
        });
      }

      it("is tested both ways", () => {
        assert.ok(cases.some(({ finding }) => finding));
        assert.ok(cases.some(({ finding }) => !finding));
      });
    });
  }

  it("have the level of their declaration, and each another name", async () => {
    const levels = await pack.levels();
    for (const { name, level } of rules) assert.equal(levels.get(name), level === "mandatory" ? 1 : 0, name);
    assert.equal(levels.size, rules.length + 1);
  });

  it("say what to do in a sentence, and are described as checks", () => {
    for (const { name, description, remedy } of rules) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.match(description, /^Checks .*\.$/, name);
      assert.match(remedy, /^[A-Z].*\.$/, name);
    }
  });

  it("CAP-17: can be advisory, or disabled, one by one", async () => {
    const props = { imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: true } };
    await pack.configure({
      "ecr-immutable": { enforcementLevel: "advisory" },
      "ecr-encrypted": { enforcementLevel: "disabled" },
    });
    const found = await pack.analyze("aws:ecr/repository:Repository", props);
    assert.deepEqual(
      found.map(({ policy, level }) => [policy, level]),
      [["ecr-immutable", "advisory"]],
    );
  });

  it("refuse a configuration with a setting or a rule that there is not, and name the nearest one", async () => {
    const misspelled = {
      "promoted-tags-are-signed": { trustedSigner: [{ key: `sha256:${"0".repeat(64)}` }] },
      "promoted-tags-are-scaned": { failOn: "low" },
      "ecr-immutable": { somethingElse: true },
    };
    const problems = [
      /rule promoted-tags-are-signed has no setting "trustedSigner", did you mean "trustedSigners"\?/,
      /there is no rule "promoted-tags-are-scaned", did you mean "promoted-tags-are-scanned"\?/,
      /rule ecr-immutable has no setting "somethingElse"; it has none/,
    ];
    const message = await pack.configure(misspelled).then(String, ({ message }: Error) => message);
    for (const problem of problems) assert.match(message, problem);
    const level = { enforcementLevel: "mandatory" };
    await pack.configure({ all: level, "report-what-was-looked-at": level });
  });
});
