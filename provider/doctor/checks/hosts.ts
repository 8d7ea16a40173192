import { notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { RsyncHost } from "../../../lib/channels/site/rsync-host";
import { S3Host } from "../../../lib/channels/site/s3-host";
import { siteCopyDefinition } from "../../../resources/definitions/site-copy";
import { hasUnknown } from "../../base/unknown";
import { hostId, openHost } from "../../sites/open-host";
import type { DoctorCheck } from "../check";

/** Hosts that folders are copied to: whether they let in, and be written to where that can be asked. */
export const hostsCheck: DoctorCheck = {
  name: "host",
  order: 80,
  questions: ({ declared, project }) =>
    declared.of(siteCopyDefinition).map(({ inputs: { host: declaredHost }, account }) => ({
      about: hasUnknown(declaredHost) ? "a host" : hostId(declaredHost),
      ask: async (signal): Promise<Answer[]> => {
        if (hasUnknown(declaredHost))
          return [notAsked("its address or its credentials are known only in a release")];
        const host = await openHost(await account.context(signal), project, declaredHost);
        try {
          if (host instanceof S3Host) {
            const keptWith = await host.tryUpload();
            return [
              keptWith === undefined
                ? ok("may be written to: an upload in parts was started and aborted")
                : warning(
                    `may be written to: an upload in parts was started, and is not aborted (${keptWith})`,
                    "Allow s3:AbortMultipartUpload, or let a lifecycle rule end such uploads: nothing was sent.",
                  ),
            ];
          }
          if (!(host instanceof RsyncHost)) return [notAsked("there is no request for this kind of host")];
          await host.tryCopy();
          return [
            ok("lets in, and runs rsync (--dry-run)"),
            notAsked("whether the folder may be written to: only a copy says that"),
          ];
        } finally {
          await host.close();
        }
      },
    })),
};
