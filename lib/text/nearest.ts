/**
 * The known name that somebody most likely meant: one begins with the other, or they differ in one
 * letter.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return known.find((candidate) => {
    const other = candidate.toLowerCase();
    return (
      other === lower || other.startsWith(lower) || lower.startsWith(other) || editDistanceIsOne(other, lower)
    );
  });
}

function editDistanceIsOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const endOfA = a.length > b.length ? start + 1 : a.length === b.length ? start + 1 : start;
  const endOfB = b.length > a.length ? start + 1 : a.length === b.length ? start + 1 : start;
  return a.slice(endOfA) === b.slice(endOfB) || swapped(a, b);
}

function swapped(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join("") === [...b].sort().join("");
}
