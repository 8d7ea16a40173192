import { aboutLines, appLines, type Snap } from "./snap";

/**
 * Renders `meta/snap.yaml` of the snap for an architecture (https://snapcraft.io/docs/snap-format).
 *
 * @param architecture as snaps have it, e.g. `amd64`
 */
export function renderSnapYaml(snap: Snap, architecture: string): string {
  return [...aboutLines(snap), "architectures:", `  - ${architecture}`, ...appLines(snap), ""].join("\n");
}
