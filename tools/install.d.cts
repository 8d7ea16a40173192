/**
 * Runs `npm ci` in `root` (default: this repository) if node_modules does not match package-lock.json.
 * @throws Error with a `hint` property if npm fails; its message is all a user needs.
 */
export function ensureInstalled(root?: string): Promise<void>;
/** True if node_modules holds what package-lock.json names. */
export function isInstalled(root?: string): boolean;
