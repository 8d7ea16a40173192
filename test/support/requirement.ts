import type { Context, Runnable, Suite } from "mocha";

/** Where the reporter looks for the reason of a test that was not executed. */
type Reasoned = (Runnable | Suite) & { type?: string; notExecuted?: string };

/**
 * Goes on if `condition` holds; else the test (called in a test or in `beforeEach`), or every test
 * of the suite (called in `before`), is not executed, and the report gives `reason`. Where CI=true
 * such a test is an error.
 *
 * @param context mocha's `this`
 * @param reason what is missing and how to get it, for example "skopeo is not installed (apt-get install skopeo)"
 */
export function requirement(context: Context, condition: unknown, reason: string): asserts condition {
  if (condition) return;
  const runnable = context.test as Reasoned | undefined;
  const subject: Reasoned | undefined =
    context.currentTest !== undefined && runnable?.type === "hook" && !runnable.title.includes("before all")
      ? context.currentTest
      : runnable?.type === "hook"
        ? runnable.parent
        : runnable;
  if (subject !== undefined) subject.notExecuted = reason;
  context.skip();
}
