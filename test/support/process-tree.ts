import { runClient } from "./clients";

/**
 * A process and all that it has started, directly or not, by process ID; whoever started another
 * comes before it.
 */
export async function processTree(root: number): Promise<number[]> {
  const lines = (await runClient("ps", ["-A", "-o", "pid=,ppid="])).split("\n");
  const parents = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const tree = [root];
  for (const pid of tree) tree.push(...parents.filter(([, ppid]) => ppid === pid).map(([child]) => child));
  return tree;
}
