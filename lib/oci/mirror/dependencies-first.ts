/**
 * Some items and all that they depend on, each once and after what it depends on; otherwise in the
 * order given. Without recursion: how deep it goes is in the hands of whoever made the content.
 * Circles are not expected, and do no harm.
 */
export function dependenciesFirst<T>(items: Iterable<T>, dependsOn: (item: T) => readonly T[]): Set<T> {
  const ordered = new Set<T>();
  const entered = new Set<T>();
  const pending = [...items].reverse();
  for (let item = pending.at(-1); item !== undefined; item = pending.at(-1)) {
    if (ordered.has(item) || entered.has(item)) {
      pending.pop();
      ordered.add(item);
      continue;
    }
    entered.add(item);
    for (const other of [...dependsOn(item)].reverse()) if (!entered.has(other)) pending.push(other);
  }
  return ordered;
}
