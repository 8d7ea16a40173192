import type { Declared } from "./declared";

/** A resource of a stack, with what it depends on. */
export interface StackNode extends Declared {
  /**
   * Whether Slipway's provider has made it: a program can give any name to a type of components.
   */
  readonly isSlipways: boolean;
  readonly parent?: StackNode;
  /** Resources from which the value of a property comes. */
  readonly propertyDependencies: Readonly<Record<string, readonly StackNode[]>>;
}

/**
 * Returns whether the value of a property comes from `source`, or from something that `source` is
 * the component of.
 */
export function comesFrom(node: StackNode, property: string, source: StackNode): boolean {
  return (node.propertyDependencies[property] ?? []).some(
    (dependency) => dependency === source || isWithin(source, dependency),
  );
}

function isWithin(node: StackNode, component: StackNode): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) if (parent === component) return true;
  return false;
}
