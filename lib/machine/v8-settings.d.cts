/**
 * Settings of V8 with which JavaScript is optimised later than usual, and with `wasm: false` WebAssembly not at all.
 *
 * @param version V8's, e.g. `11.3.244.8-node.38`; none for one in which they were not tried
 */
export function shortRunSettings(version: string, options: { wasm: boolean }): string[];

/** Gives this process the settings of {@link shortRunSettings}. */
export function settleForShortRun(options: { wasm: boolean }): void;
