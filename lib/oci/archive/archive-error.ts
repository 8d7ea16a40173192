import { RegistryError } from "../errors";

/**
 * A file that should be an archive with an OCI image layout and is not, or that cannot be written
 * now.
 */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

/** A manifest or blob that an archive does not have; `isNotFound` says so. */
export class NotInArchiveError extends RegistryError {
  /** @param what e.g. `blob sha256:…` or `manifest v1` */
  constructor(archive: string, path: string, what: string, hint: string) {
    super({ operation: what, host: archive, method: "read", path, status: 404 });
    this.message = `${archive} has no ${what}${hint}`;
  }
}
