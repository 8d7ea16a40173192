import { Document, isScalar, Scalar, visit } from "yaml";
import { isAmbiguous } from "./parse";

/**
 * A text in YAML with one document a value. Texts that a reader of YAML 1.1 or 1.2 could take for
 * something else are quoted; fields keep their order, and lines are not folded.
 *
 * Source: yaml.org/spec/1.2.2; Kubernetes reads 1.1.
 */
export function renderYaml(values: readonly unknown[]): string {
  return values.map(renderOne).join("---\n");
}

function renderOne(value: unknown): string {
  // Older versions quote more; what is the same object twice is written twice.
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, (_key, node) => {
    if (!isScalar(node) || typeof node.value !== "string" || node.value.includes("\n")) return;
    if (isAmbiguous({ text: node.value, isPlain: true })) node.type = Scalar.QUOTE_DOUBLE;
  });
  return document.toString({ lineWidth: 0, directives: false });
}
