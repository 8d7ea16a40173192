import { crane } from "../support/clients";

/**
 * Gives a base image another digest on every platform, as a patched one has, by a client that is
 * not ours.
 *
 * @param repository `host/path`
 * @param env in which that client may write to it
 */
export async function patchBase(repository: string, tag: string, env: NodeJS.ProcessEnv): Promise<void> {
  const index = JSON.parse(await crane(["manifest", `${repository}:${tag}`])) as {
    manifests: { digest: string; platform: { architecture: string } }[];
  };
  const patched: string[] = [];
  for (const { digest, platform } of index.manifests) {
    const reference = `${repository}:patched-${platform.architecture}`;
    await crane(["mutate", "--label", "patched=yes", "--tag", reference, `${repository}@${digest}`], env);
    patched.push("--manifest", reference);
  }
  await crane(["index", "append", ...patched, "--tag", `${repository}:${tag}`], env);
}
