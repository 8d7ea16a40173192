import { cleanLine } from "../text/terminal";

/** A part of a program: what is written in TypeScript for it. */
export type Code = string | number | boolean | Expression | Call | Fields | Present | readonly Code[];

/** Written as it is. */
export interface Expression {
  readonly kind: "expression";
  readonly text: string;
  /** Names that it takes from the package. */
  readonly uses?: readonly string[];
}

/** A call of a function of the package. */
export interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Code[];
}

/** An object. */
export interface Fields {
  readonly kind: "fields";
  readonly fields: readonly Field[];
}

/** An item of a list, or fields of an object, that are there where a name of the program has a value. */
export interface Present {
  readonly kind: "present";
  readonly name: string;
  readonly value: Code;
  /** Comment above it, a line each. */
  readonly comment: readonly string[];
}

/** A field of an object; without a name its value is spread. */
export interface Field {
  readonly name: string | undefined;
  readonly value: Code;
  /** Comment above it, a line each. */
  readonly comment?: readonly string[];
}

export function expression(text: string, ...uses: readonly string[]): Expression {
  return { kind: "expression", text, uses };
}

export function call(name: string, ...args: readonly Code[]): Call {
  return { kind: "call", name, args };
}

export function fields(...list: readonly Field[]): Fields {
  return { kind: "fields", fields: list };
}

/** An object of what has a value. */
export function fieldsOf(values: Readonly<Record<string, Code | undefined>>): Fields {
  return fields(
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  );
}

/** Width of a line that is not broken. */
const width = 100;

/** Writes a part of a program. @param indent of the line that it stands in */
export function renderCode(code: Code, indent = ""): string {
  const short = onOneLine(code);
  if (short !== undefined && short.length + indent.length <= width) return short;
  const deeper = `${indent}  `;
  if (typeof code !== "object") return short ?? "";
  if (isList(code)) {
    return `[\n${code.map((item) => `${commentOf(item, deeper)}${deeper}${renderCode(item, deeper)},\n`).join("")}${indent}]`;
  }
  if (code.kind === "expression") return code.text;
  if (code.kind === "present") return presentText(code, renderCode(code.value, indent));
  if (code.kind === "call") {
    const args = code.args.map((arg) => renderCode(arg, indent));
    return `${code.name}(${args.join(", ")})`;
  }
  const lines = code.fields.flatMap(({ name, value, comment = [] }) => [
    ...comment.map((line) => `${deeper}// ${cleanLine(line)}`),
    `${deeper}${keyOf(name)}${renderCode(value, deeper)},`,
  ]);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function presentText({ name, value }: Present, text: string): string {
  const isFields = typeof value === "object" && !isList(value) && value.kind === "fields";
  return isFields ? `(${name} !== undefined && ${text})` : `...(${name} === undefined ? [] : [${text}])`;
}

function commentOf(item: Code, indent: string): string {
  if (typeof item !== "object" || isList(item) || item.kind !== "present") return "";
  return item.comment.map((line) => `${indent}// ${cleanLine(line)}\n`).join("");
}

function onOneLine(code: Code): string | undefined {
  if (typeof code !== "object") return JSON.stringify(code);
  if (isList(code)) return joined(code.map(onOneLine), "[", "]");
  if (code.kind === "expression") return code.text.includes("\n") ? undefined : code.text;
  if (code.kind === "present") return undefined;
  if (code.kind === "call") return joined(code.args.map(onOneLine), `${code.name}(`, ")");
  if (code.fields.some(({ comment = [] }) => comment.length > 0)) return undefined;
  const list = code.fields.map(({ name, value }) => {
    const text = onOneLine(value);
    return text === undefined ? undefined : `${keyOf(name)}${text}`;
  });
  return list.length === 0 ? "{}" : joined(list, "{ ", " }");
}

function joined(parts: readonly (string | undefined)[], before: string, behind: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${before}${parts.join(", ")}${behind}`;
}

function keyOf(name: string | undefined): string {
  if (name === undefined) return "...";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${name}: ` : `${JSON.stringify(name)}: `;
}

function isList(code: Code): code is readonly Code[] {
  return Array.isArray(code);
}

/** Names of the package that a part of a program takes. */
export function namesIn(code: Code): string[] {
  if (typeof code !== "object") return [];
  if (isList(code)) return code.flatMap(namesIn);
  if (code.kind === "expression") return [...(code.uses ?? [])];
  if (code.kind === "present") return namesIn(code.value);
  if (code.kind === "call") return [code.name, ...code.args.flatMap(namesIn)];
  return code.fields.flatMap(({ value }) => namesIn(value));
}
