import { createInterface } from "node:readline/promises";
import type { Plan, PlanOptions } from "../lib/init/plan";

/** Asks a question; the answer may be empty. */
export type Ask = (question: string) => Promise<string>;

/**
 * Asks for what nobody has given: name, registry and what is shipped. An empty answer is what is proposed.
 *
 * @param ask Default: on the terminal
 */
export async function askedOptions(plan: Plan, given: PlanOptions, ask?: Ask): Promise<PlanOptions> {
  if (ask !== undefined) return questions(plan, given, ask);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await questions(plan, given, (question) => terminal.question(question));
  } finally {
    terminal.close();
  }
}

async function questions(plan: Plan, given: PlanOptions, ask: Ask): Promise<PlanOptions> {
  const value = (key: string) => plan.prod.find((one) => one.key === key)?.value;
  const usual = [value("registry"), value("namespace")].filter((part) => part !== undefined).join("/");
  const name = given.name ?? (await answer(ask, `Name [${plan.name}]: `, plan.name));
  const registry = given.registry ?? (await answer(ask, `Registry of releases [${usual}]: `, usual));
  const hasPrograms = plan.distribution.some((field) => field.name === "binaries");
  const shipped =
    hasPrograms && given.ship === undefined ? await ask("Ship images, programs or all [all]: ") : "";
  const ship = (["images", "programs"] as const).find((one) => one === shipped.trim()) ?? given.ship;
  // What files say has mirrors, and names that differ: it is kept where it is confirmed.
  return { name, registry: registry === usual ? given.registry : registry, ship };
}

async function answer(ask: Ask, question: string, usual: string): Promise<string> {
  return (await ask(question)).trim() || usual;
}
