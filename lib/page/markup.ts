import { html as tagged } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { visibleControls } from "../text/controls";

/** HTML in which every text of others is escaped. */
export type Markup = HtmlEscapedString;

/** What can stand in a template: texts are escaped, and of what is not there nothing is shown. */
export type Part = string | number | Markup | undefined | false | readonly Part[];

/**
 * A template of HTML. Texts in it are escaped, also those in attributes, which have to be quoted; control characters and turned
 * directions are shown as such.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  // Hono's template is a promise only where one of the values is.
  return tagged(parts, ...values.map(shown)) as Markup;
}

/** Markup is an object of its own at run time, so that a text is never taken for it. */
function shown(value: Part): unknown {
  if (Array.isArray(value)) return value.map((one: Part) => shown(one));
  return typeof value === "string" ? visibleControls(value) : value;
}
