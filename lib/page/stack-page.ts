import * as z from "zod";

/** What a program has declared of its pages: resources/definitions/release-page.ts. */
const declared = z.object({
  name: z.string(),
  url: z.string().optional(),
  install: z.string(),
  verify: z.string(),
  keyFile: z.string().optional(),
  downloads: z.string().optional(),
  deprecated: z
    .array(
      z.object({
        versions: z.string(),
        since: z.string(),
        removal: z.string().optional(),
        reason: z.string().optional(),
        instead: z.string().optional(),
      }),
    )
    .optional(),
});

export type DeclaredPage = z.infer<typeof declared>;

interface StackDeployment {
  readonly deployment?: {
    readonly resources?: readonly { readonly type?: string; readonly inputs?: unknown }[];
  };
}

/** The pages that a stack declares, from what `pulumi stack export` prints; undefined where there are none. */
export function declaredPage(exported: string): DeclaredPage | undefined {
  const { deployment } = JSON.parse(exported) as StackDeployment;
  const page = deployment?.resources?.find(({ type }) => type === "slipway:release:Page");
  return page && declared.safeParse(page.inputs).data;
}
