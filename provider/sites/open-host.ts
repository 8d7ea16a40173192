import { RsyncHost } from "../../lib/channels/site/rsync-host";
import { S3Host } from "../../lib/channels/site/s3-host";
import type { SiteHost } from "../../lib/channels/site/site-host";
import type { siteCopyDefinition } from "../../resources/definitions/site-copy";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

type Host = InputsOf<typeof siteCopyDefinition>["host"];
type Bucket = NonNullable<Host["s3"]>;

const defaultRegion = "us-east-1";

/** A host by where it is: two with one id are the same place. */
export function hostId({ s3, rsync }: Host): string {
  if (rsync) return `rsync:${rsync.to}`;
  const { bucket = "", prefix = "", endpoint } = s3 ?? {};
  const at = endpoint === undefined ? "" : ` at ${endpoint}`;
  return `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}${at}`;
}

/** Opens a host; whoever opens it closes it. @throws SiteHostError, Error without credentials */
export async function openHost(
  context: ResourceContext,
  folder: string,
  { s3, rsync }: Host,
): Promise<SiteHost> {
  const { signal, services } = context;
  const onFile = ({ path, size }: { path: string; size: number }) =>
    context.status(`copying ${path} (${(size / 1e6).toFixed(1)} MB)`);
  if (rsync) return RsyncHost.open(rsync, { folder, signal, onFile });
  if (!s3) throw new Error("no host is named");
  const { bucket, prefix = "", region = defaultRegion, endpoint = `https://s3.${region}.amazonaws.com` } = s3;
  const credentials = credentialsOf(s3);
  if (!credentials) throw new Error(credentialsMissing({ s3 }));
  for (const secret of [credentials.secretAccessKey, credentials.sessionToken ?? ""])
    context.addSecret(secret);
  return new S3Host(
    { bucket, prefix, region, endpoint, ...credentials },
    { folder, signal, onFile, onWait: services.onWait },
  );
}

/** Why a host cannot be reached, where credentials are missing. */
export function credentialsMissing({ s3 }: Pick<Host, "s3">): string | undefined {
  if (!s3 || credentialsOf(s3)) return undefined;
  return (
    "has no credentials: give accessKeyId and secretAccessKey, a secret, or set AWS_ACCESS_KEY_ID and " +
    "AWS_SECRET_ACCESS_KEY, as CI jobs have them that sign in to a cloud"
  );
}

function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: Bucket) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token } = process.env;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  // Half of what is declared goes with half of nothing else.
  if (accessKeyId !== undefined || secretAccessKey !== undefined || !id || !key) return undefined;
  return { accessKeyId: id, secretAccessKey: key, sessionToken: token };
}
