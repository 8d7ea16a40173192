import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import * as path from "node:path";
import { createInterface } from "node:readline";
import type { Context } from "mocha";
import { freePort, startServer, type ServerProcess } from "./processes";
import { requireTools, toolPath } from "./tools";

/** A stand-in for S3 that is not ours, moto, and Amazon's own client, boto3, which says what it has. */

const installedProgram = "moto_server";

/** Goes on if both are installed; else the test or suite is not executed. */
export function requireS3(context: Context): void {
  requireTools(context, installedProgram, "python3");
}

/** An object as boto3 sees it. */
export interface S3Object {
  text: string;
  contentType: string;
  cacheControl: string;
}

/** A service with one bucket. */
export class S3Service {
  private constructor(
    private readonly server: ServerProcess,
    readonly bucket: string,
    readonly accessKeyId: string,
    readonly secretAccessKey: string,
    private readonly client: PythonClient,
  ) {}

  /**
   * @param access `signed`: requests without a signature by the one key, as botocore computes it, are
   * refused; `public`: everybody may read
   */
  static async start(access: "signed" | "public"): Promise<S3Service> {
    const port = await freePort();
    const bucket = `acme-${randomBytes(4).toString("hex")}`;
    const made = access === "signed" ? { INITIAL_NO_AUTH_ACTION_COUNT: "4" } : {};
    const server = await startServer(toolPath("python3"), ["-m", "moto.server", "-p", String(port)], port, {
      ...variables(),
      ...made,
    });
    const none = new S3Service(server, bucket, "nobody", "none", new PythonClient());
    const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
    const reading =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",' +
      `"Resource":"arn:aws:s3:::${bucket}/*"}]}`;
    const answer = await none.python(
      access === "signed"
        ? `
iam = client("iam")
iam.create_user(UserName="releases")
iam.put_user_policy(UserName="releases", PolicyName="s3", PolicyDocument='${policy}')
key = iam.create_access_key(UserName="releases")["AccessKey"]
s3.create_bucket(Bucket=bucket)
print(json.dumps([key["AccessKeyId"], key["SecretAccessKey"]]))`
        : `
s3.create_bucket(Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy='${reading}')
print(json.dumps(["nobody", "secret/of+nobody"]))`,
    );
    const [id = "", secret = ""] = JSON.parse(answer) as string[];
    return new S3Service(server, bucket, id, secret, none.client);
  }

  get port(): number {
    return this.server.port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything in the bucket, by key. */
  async objects(): Promise<Record<string, S3Object>> {
    const answer = await this.python(`
found = {}
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
    for one in page.get("Contents", []):
        got = s3.get_object(Bucket=bucket, Key=one["Key"])
        found[one["Key"]] = {
            "text": got["Body"].read().decode("latin1"),
            "contentType": got.get("ContentType", ""),
            "cacheControl": got.get("CacheControl", ""),
        }
print(json.dumps(found))`);
    return JSON.parse(answer) as Record<string, S3Object>;
  }

  /** Keys of uploads in parts that were begun, and neither ended nor aborted. */
  async uploads(): Promise<string[]> {
    const answer = await this.python(
      `print(json.dumps([one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]))`,
    );
    return JSON.parse(answer) as string[];
  }

  /** Puts an object there by hand. */
  async put(key: string, text: string): Promise<void> {
    await this.python(
      `s3.put_object(Bucket=bucket, Key=${JSON.stringify(key)}, Body=${JSON.stringify(text)}.encode())`,
    );
  }

  async delete(key: string): Promise<void> {
    await this.python(`s3.delete_object(Bucket=bucket, Key=${JSON.stringify(key)})`);
  }

  async stop(): Promise<void> {
    await this.client.stop();
    await this.server.stop();
  }

  /** Runs a script with boto3; `s3`, `bucket` and `client(NAME)` are there. */
  private python(script: string): Promise<string> {
    const before = `
def client(name):
    return boto3.client(name, endpoint_url="${this.endpoint}", region_name="us-east-1",
        aws_access_key_id="${this.accessKeyId}", aws_secret_access_key="${this.secretAccessKey}")
s3 = client("s3")
bucket = "${this.bucket}"
`;
    return this.client.run(before + script);
  }
}

/** boto3 in one process, which takes a second to load. */
class PythonClient {
  private readonly child = spawn(toolPath("python3"), ["-u", "-c", loop], {
    env: { ...process.env, ...variables(), NO_PROXY: "127.0.0.1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  private readonly lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();

  /** What a script prints. @throws Error with its traceback */
  async run(script: string): Promise<string> {
    this.child.stdin.write(`${JSON.stringify(script)}\n`);
    const { value = "{}" } = (await this.lines.next()) as { value?: string };
    const { printed, failed } = JSON.parse(value) as { printed?: string; failed?: string };
    if (printed === undefined) throw new Error(failed ?? "boto3 has ended");
    return printed;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "close");
    this.child.stdin.end();
    await ended;
  }
}

const loop = `
import sys, io, json, traceback, contextlib, boto3
for line in sys.stdin:
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(json.loads(line), {"boto3": boto3, "json": json})
        answer = {"printed": out.getvalue()}
    except BaseException:
        answer = {"failed": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
`;

function variables(): NodeJS.ProcessEnv {
  return { PYTHONPATH: path.dirname(path.dirname(realpathSync(toolPath(installedProgram)))) };
}
