/** True if this version of Node, e.g. `22.18.0`, is one that Slipway runs with. */
export function isRecent(version: string): boolean;
/** The sentence that says that this process's Node is too old for `what`, and what to do `instead`. */
export function tooOld(what: string, instead: string): string;
/** Ends the process with that sentence if its Node is too old. */
export function requireRecent(what: string): void;
