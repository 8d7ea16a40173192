import { announcement } from "../../resources/definitions/announcement";
import { isMisdeclared } from "../run/preflight";
import type { ResourceContext } from "../run/context";
import { missingScanner } from "../trust/scan";
import { openSigner } from "../trust/signers";

/**
 * Notes what an update will need. Nothing is looked at before something is to be published, so that
 * a run that changes nothing needs none of it.
 */
export function announce(context: ResourceContext, arguments_: unknown): void {
  const { repositories = [], mirrors = [], missing = [], ...needs } = announcement.parse(arguments_);
  const { builds, signer: signs, scan } = needs;
  const { services } = context;
  const { preflight } = services;
  for (const lack of missing) preflight.needs(`channel: ${lack}`, () => Promise.reject(new Error(lack)));
  if (builds) services.builder.need();
  if (scan) {
    preflight.needs(`scan: ${JSON.stringify(scan)}`, async () => {
      const missing = await missingScanner(context, scan);
      if (missing) throw missing;
    });
  }
  // A throw-away key is made, and a certificate is asked for when something is signed.
  if (signs && !signs.keyless && !signs.generate) {
    preflight.needs(`signer: ${JSON.stringify([signs.key, signs.kms])}`, async () => {
      await openSigner(context, signs);
    });
  }
  for (const repository of [...repositories, ...mirrors]) {
    preflight.needs(`repository: ${repository}`, async () => {
      if (mirrors.includes(repository) && preflight.wasObserved(repository)) return;
      if (mirrors.includes(repository) && !(await services.takesConnections(repository))) return;
      await services.checkAccess(repository).catch((error: unknown) => {
        if (isMisdeclared(error)) throw error;
      });
    });
  }
}
