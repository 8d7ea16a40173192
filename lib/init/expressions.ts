import type { YamlView } from "./yaml-view";

/** Values that an expression of GitHub Actions can name, e.g. `matrix.image` and `env.REGISTRY`. */
export type Scope = ReadonlyMap<string, string>;

/** Jobs that a matrix may stand for here; GitHub itself takes 256. */
const mostCombinations = 256;

/** Fills `${{ … }}` in a text. Names the expressions whose value only a run has. */
export function filled(text: string, scope: Scope): { text: string; unknown: string[] } {
  const unknown: string[] = [];
  const done = text.replaceAll(/\$\{\{\s*([^}]*?)\s*\}\}/g, (whole, name: string) => {
    const value = scope.get(name) ?? /^'([^']*)'$/.exec(name)?.[1];
    if (value === undefined) unknown.push(name);
    return value ?? whole;
  });
  return { text: done, unknown };
}

/** Variables of an `env` map, those that have a value before a run. */
export function environment(env: YamlView | undefined, scope: Scope): Scope {
  const result = new Map(scope);
  for (const [name, value] of env?.entries() ?? []) {
    const { text, unknown } = filled(value.text ?? "", result);
    if (unknown.length === 0) result.set(`env.${name}`, text);
    else result.delete(`env.${name}`);
  }
  return result;
}

/**
 * The jobs that a matrix stands for, as what each adds to its scope. Undefined where only a run knows them.
 *
 * Source: docs.github.com, "Running variations of jobs in a workflow".
 */
export function combinations(matrix: YamlView | undefined): ReadonlyMap<string, string>[] | undefined {
  if (matrix === undefined) return [new Map()];
  if (!matrix.isMap) return undefined;
  let all: Map<string, string>[] = [new Map<string, string>()];
  let hasLists = false;
  for (const [name, list] of matrix.entries()) {
    if (name === "include" || name === "exclude") continue;
    if (!list.isList) return undefined;
    hasLists = true;
    const values = list.items().map((item) => valuesOf(`matrix.${name}`, item));
    all = all.flatMap((one) => values.map((value) => new Map([...one, ...value])));
    if (all.length > mostCombinations) return undefined;
  }
  const include = matrix.at("include");
  if (include === undefined) return all;
  if (!include.isList) return undefined;
  const own = new Set(all.flatMap((one) => [...one.keys()]));
  const more: Map<string, string>[] = [];
  for (const item of include.items()) {
    const value = valuesOf("matrix", item);
    const shared = [...value].filter(([key]) => own.has(key));
    const fits = all.filter((one) => shared.every(([key, text]) => one.get(key) === text));
    if (!hasLists || fits.length === 0) more.push(value);
    else for (const one of fits) for (const [key, text] of value) one.set(key, text);
  }
  return hasLists ? [...all, ...more] : more;
}

function valuesOf(name: string, value: YamlView): Map<string, string> {
  if (value.isScalar) return new Map([[name, value.text ?? ""]]);
  return new Map(value.entries().flatMap(([key, item]) => [...valuesOf(`${name}.${key}`, item)]));
}
