/**
 * Loads a compiled file of one module with the code that V8 compiled for an earlier start, which
 * saves a third of the starting time or more. Returns what it exports; undefined where there is no
 * such file.
 *
 * @param compiled absolute path
 * @param hasWorked whether this process has done what later starts will do, so that what it has
 * compiled is worth keeping; asked at its end
 */
export function loadWithKeptCode<T>(compiled: string, hasWorked: (exported: T) => boolean): T | undefined;
