/**
 * Settings of V8 with which WebAssembly is not optimized.
 *
 * @param version V8's, e.g. `13.6.233.10-node.27`; none for one in which they were not tried
 */
export function shortRunSettings(version: string): string[];

/** Gives this process the settings of {@link shortRunSettings}. */
export function settleForShortRun(): void;
