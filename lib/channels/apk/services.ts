import { ChannelError } from "../artifact";
import type { PackageFile } from "../linux/package-files";

/** A service of OpenRC that a package installs. Exactly one of `source` and `content` says what it is. */
export interface PackagedService {
  /** Name of the service, e.g. `hello`. */
  readonly name: string;
  readonly source?: string;
  readonly content?: string;
  /** Whether installing adds it to the runlevel `default`. Default: false. */
  readonly enable?: boolean;
  /** Whether installing starts it, and an upgrade starts it again. Default: false. */
  readonly start?: boolean;
}

/** Where OpenRC has its services (openrc-run(8)). */
const serviceFolder = "/etc/init.d";

const serviceName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const interpreter = "#!/sbin/openrc-run\n";

/** @throws ChannelError for what is no service of OpenRC */
export function checkServices(services: readonly PackagedService[]): void {
  for (const [index, { name, content }] of services.entries()) {
    if (!serviceName.test(name)) {
      throw new ChannelError(
        `services[${index}].name`,
        `${JSON.stringify(name)} is not a name of a service of OpenRC (a valid example: "hello")`,
      );
    }
    if (content !== undefined && !content.startsWith(interpreter)) {
      throw new ChannelError(
        `services[${index}].content`,
        'does not begin with "#!/sbin/openrc-run" (a valid example: "#!/sbin/openrc-run\\ncommand=/usr/bin/hello\\n")',
      );
    }
  }
}

/** Services as files that a package installs. */
export function serviceFiles(services: readonly PackagedService[]): PackageFile[] {
  return services.map(({ name, source, content }) => ({
    to: `${serviceFolder}/${name}`,
    ...(source !== undefined && { source }),
    ...(content !== undefined && { content }),
    mode: "0755",
  }));
}
