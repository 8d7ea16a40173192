/**
 * Makes a folder that no other user can look into (mode 0700). One that is there already, and this user's, becomes such;
 * a link is left alone.
 * @returns the folder
 */
export function privateFolder(folder: string): string;

/**
 * Makes a folder that no other user can write to; one that is there already, and this user's, becomes such.
 * @returns whether it is, see {@link isOwnFolder}
 */
export function ownFolder(folder: string): boolean;

/**
 * Whether nobody but this user and root can write to a folder, so that what is in it can be run. True without a look
 * where there are no users (Windows), false if it does not exist.
 */
export function isOwnFolder(folder: string): boolean;
