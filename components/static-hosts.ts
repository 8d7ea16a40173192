import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { SiteCopy, type SiteCopyArgs } from "../resources";
import { copyFields, rsyncFields, s3Fields } from "../resources/definitions/site-copy";
import { checkArguments, inputText } from "./declaration/call-arguments";
import type { ChannelCopy, ChannelResource } from "./declaration/channel-target";
import type { StaticHost } from "./declaration/static-host";

/** How every host is given files. */
interface CopyRules {
  /** For how many days an index is kept under its digest that has left the folder. Default: 7. */
  keepDays?: number;
  /** Whether somebody else's file is replaced, where it is not of a version. Default: false, it is refused. */
  takeOver?: boolean;
}

/** Arguments of {@link s3Host}. */
export interface S3HostArgs extends CopyRules {
  /** The bucket, which has to be there. */
  bucket: pulumi.Input<string>;
  /** What stands before the paths. Default: nothing. */
  prefix?: string;
  /** Region of the bucket. Default: `us-east-1`. */
  region?: string;
  /** Address of another service that speaks S3's protocol. Default: Amazon's in the region. */
  endpoint?: string;
  /** Default: that of `AWS_ACCESS_KEY_ID`. */
  accessKeyId?: pulumi.Input<string>;
  /** Kept a secret. Default: that of `AWS_SECRET_ACCESS_KEY`. */
  secretAccessKey?: pulumi.Input<string>;
  /** Of credentials for a time; kept a secret. Default: that of `AWS_SESSION_TOKEN`. */
  sessionToken?: pulumi.Input<string>;
  /** Name of the host, where the bucket's is only known later. Default: bucket and prefix. */
  name?: string;
}

/** Arguments of {@link rsyncHost}. */
export interface RsyncHostArgs extends CopyRules {
  /** Folder, as rsync takes it, e.g. `deploy@web.acme.example:/srv/apt`. */
  to: string;
  /** Port of ssh. Default: that of this machine's ssh. */
  port?: number;
  /** Key that gets in, as ssh reads it without a passphrase; kept a secret. Default: those of this machine's ssh. */
  privateKey?: pulumi.Input<string>;
  /** Lines of `known_hosts` for the machine. Default: those of this machine's ssh. */
  knownHosts?: string;
}

const s3Arguments = z.strictObject({
  ...s3Fields.shape,
  ...copyFields,
  bucket: z.union([s3Fields.shape.bucket, inputText]),
  accessKeyId: inputText.optional(),
  secretAccessKey: inputText.optional(),
  sessionToken: inputText.optional(),
  name: z.string().min(1).optional(),
});

const rsyncArguments = z.strictObject({
  ...rsyncFields.shape,
  ...copyFields,
  privateKey: inputText.optional(),
});

/** A list of hosts, as functions that make a repository take it. */
export const hostList = z
  .array(
    z.custom<StaticHost>(isStaticHost, "a host is expected, as s3Host({ … }) or rsyncHost({ … }) makes one"),
  )
  .refine(
    (hosts) => new Set(hosts.map(({ place }) => place)).size === hosts.length,
    "a host is listed twice",
  );

/**
 * A bucket of S3, or of another service that speaks its protocol, such as R2, MinIO or Ceph.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never a secret
 */
export function s3Host(args: S3HostArgs): StaticHost {
  checkArguments("s3Host()", s3Arguments, args);
  const { keepDays, takeOver, name, secretAccessKey, sessionToken, ...bucket } = args;
  const known = typeof args.bucket === "string" ? args.bucket : "bucket";
  return {
    place: name ?? `s3://${[known, args.prefix ?? []].flat().join("/")}`,
    host: { s3: { ...bucket, secretAccessKey: hidden(secretAccessKey), sessionToken: hidden(sessionToken) } },
    keepDays,
    takeOver,
  };
}

/**
 * A folder of another machine, which rsync gets to by ssh.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the key
 */
export function rsyncHost(args: RsyncHostArgs): StaticHost {
  checkArguments("rsyncHost()", rsyncArguments, args);
  const { keepDays, takeOver, privateKey, ...folder } = args;
  return {
    place: args.to,
    host: { rsync: { ...folder, privateKey: hidden(privateKey) } },
    keepDays,
    takeOver,
  };
}

/** A resource that writes a folder, and says what it has left there. */
type FolderWriter = ChannelResource & {
  readonly served: pulumi.Output<unknown>;
  readonly files: pulumi.Output<Record<string, string>>;
};

/** Declares the copies of a folder, after the resource that writes it. */
export function copiesOf(
  directory: string,
  hosts: readonly StaticHost[],
  writer: FolderWriter,
  parent: pulumi.Resource,
): ChannelCopy[] {
  const revision = pulumi
    .jsonStringify([writer.served, writer.files])
    .apply((text) => createHash("sha256").update(text).digest("hex"));
  const withheld = pulumi
    .all([writer.state, writer.reason])
    .apply(([state, reason]) => (state === "failed" ? (reason ?? "it could not be written") : undefined));
  return hosts.map(({ place, ...how }) => {
    const args: SiteCopyArgs = { directory, ...how, revision, withheld, gated: true };
    const resource = new SiteCopy(`${directory}@${place}`, args, { parent, dependsOn: [writer] });
    return { place, resource };
  });
}

function hidden(value: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}

function isStaticHost(value: unknown): boolean {
  const { place, host } = (value ?? {}) as Partial<Record<keyof StaticHost, unknown>>;
  return typeof place === "string" && place !== "" && typeof host === "object" && host !== null;
}
