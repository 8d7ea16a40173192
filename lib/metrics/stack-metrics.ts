import { parseAsked, type AskedMetrics } from "./asked";

interface StackDeployment {
  readonly deployment?: {
    readonly resources?: readonly {
      readonly type?: string;
      readonly outputs?: { readonly metrics?: { readonly asked?: unknown } };
    }[];
  };
}

/**
 * Whose numbers the distributions of a stack want, from what `pulumi stack export` prints: those that declare
 * `metrics`.
 *
 * @throws Error where a state has something else there
 */
export function askedMetrics(exported: string): AskedMetrics[] {
  const { deployment } = JSON.parse(exported) as StackDeployment;
  return (deployment?.resources ?? []).flatMap(({ type, outputs }) => {
    const asked = outputs?.metrics?.asked;
    return type !== "slipway:components:Distribution" || asked === undefined ? [] : [parseAsked(asked)];
  });
}
