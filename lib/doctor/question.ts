import { Semaphore } from "../machine/semaphore";
import { withoutPatience } from "../oci/transport/retry";
import type { Answer, Finding } from "./finding";
import { failure } from "./finding";

/** Something that is found out, by itself and beside others. */
export interface Question {
  /** Name of the check that asks. */
  readonly check: string;
  readonly about: string;
  /**
   * Finds it out. What it throws is a failure: the first line is what was found, and the others say what to do.
   *
   * @param signal is aborted where the time is up
   */
  ask(this: void, signal: AbortSignal): Promise<Answer | readonly Answer[]>;
}

/** Questions at once: each waits for somebody else most of its time. */
const parallel = 16;

/**
 * Asks everything side by side. Who does not answer in time is told so, and nobody waits for them any longer.
 *
 * @param limitSeconds for each question
 * @returns what was found, in the order of the questions
 */
export async function findOut(questions: readonly Question[], limitSeconds: number): Promise<Finding[]> {
  const slots = new Semaphore(parallel);
  const found = questions.map((question) => slots.use(() => answered(question, limitSeconds)));
  return (await Promise.all(found)).flat();
}

async function answered({ check, about, ask }: Question, limitSeconds: number): Promise<Finding[]> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => {
      giveUp.abort(new Error("the time is up"));
      resolve(
        failure(
          `unreachable after ${limitSeconds} s`,
          "Look at the network, a proxy or a firewall between; a slow host may be given more time: --timeout SECONDS.",
        ),
      );
    }, limitSeconds * 1000);
  });
  try {
    const answer = await Promise.race([asked(ask, giveUp.signal), late]);
    return [answer].flat().map((one) => ({ check, about, ...one }));
  } finally {
    clearTimeout(timer);
  }
}

async function asked(ask: Question["ask"], signal: AbortSignal): Promise<Answer | readonly Answer[]> {
  try {
    return await withoutPatience(() => ask(signal));
  } catch (error) {
    return failed(error);
  }
}

/** What an error says, as an answer: its first line, and its others as what to do. */
export function failed(error: unknown): Answer {
  const said = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && "hint" in error ? error.hint : undefined;
  const [text = "", ...rest] = said.trim().split("\n");
  const remedy = typeof hint === "string" && hint !== "" ? hint : rest.join(" ").trim();
  return failure(text, remedy === "" ? undefined : remedy);
}
