import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { isMissingFile, writeFileAtomically } from "../machine/atomic-file";
import { digestFileName, digestOf } from "../oci/digest";
import type { HeldManifest, RepositoryContents } from "./contents";

/** What of a repository is the same the next time: where tags point that do not move, and what manifests lead to. */
export type RememberedContents = Pick<RepositoryContents, "tags" | "manifests">;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Another version of the format is ignored. */
const format = z.strictObject({
  version: z.literal(1),
  repository: z.string(),
  tags: z.record(z.string(), digest),
  manifests: z.record(
    digest,
    z.strictObject({ children: z.array(digest), indexes: z.array(digest), subject: digest.optional() }),
  ),
});

/**
 * What repositories held when they were looked at last, in a folder of this machine: a preview asks for what can have
 * changed alone. It is never what a deletion rests upon.
 */
export class ContentsMemory {
  /** @param folder one file a repository */
  constructor(private readonly folder: string) {}

  /** What is remembered of a repository. A file that is damaged or of another version is as good as none. */
  async recall(repository: string): Promise<RememberedContents> {
    const nothing = { tags: new Map<string, string>(), manifests: new Map<string, HeldManifest>() };
    let text: string;
    try {
      text = await readFile(this.file(repository), "utf8");
    } catch (error) {
      if (isMissingFile(error)) return nothing;
      throw error;
    }
    const parsed = format.safeParse(parsedJson(text));
    if (!parsed.success || parsed.data.repository !== repository) return nothing;
    const manifests = Object.entries(parsed.data.manifests).map(
      ([name, { children, indexes, subject }]): [string, HeldManifest] => [
        name,
        {
          children: [
            ...children.map((child) => ({ digest: child, isIndex: false })),
            ...indexes.map((child) => ({ digest: child, isIndex: true })),
          ],
          subject,
        },
      ],
    );
    return { tags: new Map(Object.entries(parsed.data.tags)), manifests: new Map(manifests) };
  }

  /** Remembers what tags lead to, and nothing of what was remembered before. @param isFixed whether a tag never moves */
  async note(
    repository: string,
    { tags, manifests }: RememberedContents,
    isFixed: (tag: string) => boolean,
  ): Promise<void> {
    const kept = reachable({ tags: new Map([...tags].filter(([tag]) => isFixed(tag))), manifests });
    const content: z.infer<typeof format> = {
      version: 1,
      repository,
      tags: Object.fromEntries(kept.tags),
      manifests: Object.fromEntries(
        [...kept.manifests].map(([name, { children, subject }]) => [
          name,
          {
            children: children.filter(({ isIndex }) => !isIndex).map((child) => child.digest),
            indexes: children.filter(({ isIndex }) => isIndex).map((child) => child.digest),
            subject,
          },
        ]),
      ),
    };
    await writeFileAtomically(this.file(repository), JSON.stringify(content));
  }

  private file(repository: string): string {
    return join(this.folder, `${digestFileName(digestOf(repository))}.json`);
  }
}

/** The same with the manifests alone that the tags lead to. */
export function reachable({ tags, manifests }: RememberedContents): RememberedContents {
  const reached = new Set(tags.values());
  // A set goes on over what is added to it meanwhile.
  for (const one of reached) {
    const { children = [], subject } = manifests.get(one) ?? {};
    for (const child of children) reached.add(child.digest);
    if (subject !== undefined) reached.add(subject);
  }
  return { tags, manifests: new Map([...manifests].filter(([name]) => reached.has(name))) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
