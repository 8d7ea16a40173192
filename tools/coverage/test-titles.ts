import ts from "typescript";

/** A title of a test or of a group of tests, and the requirements that it names. */
export interface TestTitle {
  /** Path of the file, relative to the repository. */
  file: string;
  /** Title without the IDs at its beginning; `…` stands for what a table fills in. */
  title: string;
  /** IDs of requirements, as they are written. */
  ids: readonly string[];
}

type Literal = ts.StringLiteralLike | ts.TemplateExpression;

const idPattern = /\b(?:CORE|DISTRO|BLEU|MESH|TINY|PROD)-\d+\b/g;
const leadingIds = /^(?:[A-Z]+-\d+(?:[,:] ?|$))+/;

/**
 * Functions whose first argument is a title. Those that begin with `x` or end with `.skip` execute
 * nothing.
 */
const testFunction = /^(?:it|describe|context)(?:[A-Z]\w*)?(?:\.only)?$/;
const plannedFunction = /^(?:x(?:it|describe|context)|(?:it|describe|context)\.skip)$/;

/**
 * The titles in a test file that name a requirement: first arguments of `it`, `describe` and the
 * like, and any text that begins with an ID, for tables have titles as fields, as first values of
 * rows, and by the name of a step.
 */
export function titlesOf(file: string, source: string): TestTitle[] {
  const titles: TestTitle[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = textOf(node);
      const ids = isTitle(node, text) ? [...new Set(text.match(idPattern))] : [];
      if (ids.length > 0) titles.push({ file, title: shown(node, text), ids });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return titles;
}

function isTitle(literal: Literal, text: string): boolean {
  const { parent } = literal;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== literal) return leadingIds.test(text);
  const name = nameOf(parent.expression);
  // Without a function to execute, a title is a plan.
  if (testFunction.test(name)) return parent.arguments.length > 1;
  return !plannedFunction.test(name) && leadingIds.test(text);
}

/** A table can have IDs only, for a step that its key names. */
function shown(literal: Literal, text: string): string {
  const title = text.replace(leadingIds, "").trim();
  if (title !== "" || !ts.isPropertyAssignment(literal.parent)) return title;
  const { name } = literal.parent;
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : title;
}

function nameOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? `${nameOf(callee.expression)}.${callee.name.text}` : "";
}

function textOf(literal: Literal): string {
  if (ts.isStringLiteralLike(literal)) return literal.text;
  return literal.head.text + literal.templateSpans.map((span) => `…${span.literal.text}`).join("");
}
