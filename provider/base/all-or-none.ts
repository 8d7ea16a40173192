import { setMaxListeners } from "node:events";

/**
 * Does something with all items at once. The first failure ends the others, and is thrown once they
 * have ended: what is reported as failed does not go on behind the report.
 */
export async function allOrNone<T>(
  signal: AbortSignal,
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // Every item listens.
  setMaxListeners(0, either);
  let first: { error: unknown } | undefined;
  await Promise.all(
    items.map((item) =>
      work(item, either).catch((error: unknown) => {
        first ??= { error };
        failed.abort(error);
      }),
    ),
  );
  if (first) throw first.error;
}
