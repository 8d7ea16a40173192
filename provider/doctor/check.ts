import type { Question } from "../../lib/doctor/question";
import type { Declared } from "./declared";

/** What checks go by. */
export interface Examined {
  readonly declared: Declared;
  /** Absolute folder of the project. */
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the CLI says of its version; undefined where it says nothing. */
  readonly pulumi: string | undefined;
}

/** A kind of check: a file of `provider/doctor/checks/` exports one. */
export interface DoctorCheck {
  /** What it looks at, in a word that heads its findings. */
  readonly name: string;
  /** Where it stands among the checks, from 1: what everything else needs comes first. */
  readonly order: number;
  /** What is to be found out for a declaration; nothing for one that does not need it. */
  questions(examined: Examined): readonly Omit<Question, "check">[];
}
