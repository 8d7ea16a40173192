import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import { ProviderProcess } from "../support/provider-process";
import { startProxy, type FaultProxy, type ProxiedRequest } from "../support/proxy";
import { startCraneRegistry, startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

/** A kind of registry that every resource type is tested with. */
export interface RegistryKind {
  name: string;
  start: () => Promise<TestRegistry>;
}

/** Registries of two makers: they differ in sessions, mounts, statuses and headers. */
export const registryKinds: readonly RegistryKind[] = [
  { name: "CNCF Distribution", start: () => startDistribution() },
  { name: "the registry of go-containerregistry", start: startCraneRegistry },
];

/**
 * A registry behind a proxy, a project folder, and a provider that reaches the registry through the
 * proxy only: what the proxy saw is all that the provider asked.
 */
export class Workbench {
  private readonly providers: ProviderProcess[] = [];

  private constructor(
    readonly registry: TestRegistry,
    readonly proxy: FaultProxy,
    /** Folder of the project. */
    readonly project: string,
  ) {}

  static async open(start: () => Promise<TestRegistry>): Promise<Workbench> {
    const registry = await start();
    const project = await mkdtemp(path.join(tmpdir(), "slipway-provider-"));
    return new Workbench(registry, await startProxy(registry.port), project);
  }

  /**
   * A provider in a process of its own, ended with the workbench.
   *
   * @param sameRunAs provider of the run it is of
   */
  async provider(
    config: Properties = {},
    env: NodeJS.ProcessEnv = {},
    sameRunAs?: ProviderProcess,
  ): Promise<ProviderProcess> {
    const provider = await ProviderProcess.start(this.project, config, env, sameRunAs);
    this.providers.push(provider);
    return provider;
  }

  /** A repository as the provider reaches it, `PROXY/name`. */
  repository(name: string): string {
    return `${this.proxy.host}/${name}`;
  }

  /** A reference of the provider's as others reach it, past the proxy. */
  direct(reference: unknown): string {
    return String(reference).replace(this.proxy.host, this.registry.host);
  }

  /** Writes a file of the project. @param mode permission bits; 0644 unless given */
  async write(name: string, content: string | Buffer, mode = 0o644): Promise<string> {
    const file = path.join(this.project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
    return name;
  }

  /** Forgets what the provider asked so far. */
  forget(): void {
    this.proxy.requests.length = 0;
  }

  /** Requests that can change something, since {@link forget}. */
  writes(): ProxiedRequest[] {
    return this.proxy.requests.filter(({ method }) => method !== "GET" && method !== "HEAD");
  }

  /** The same as texts, to be compared with an empty list. */
  writeLines(): string[] {
    return this.writes().map(({ method, path: target }) => `${method} ${target}`);
  }

  /** Bytes of blobs sent since {@link forget}, to one repository or to all. */
  blobBytesSent(repository?: string): number {
    const below = repository === undefined ? "" : `${repository.replace(this.proxy.host, "/v2")}/`;
    return (
      this.writes()
        .filter(({ path: target }) => target.startsWith(below) && target.includes("/blobs/"))
        // What a registry declines to take by one POST is sent after it.
        .filter(({ method, status }) => method !== "POST" || status === 201)
        .reduce((sum, { requestBytes }) => sum + requestBytes, 0)
    );
  }

  /** Digest that a tag points to; undefined where there is no such tag. */
  async digestOf(reference: string): Promise<string | undefined> {
    try {
      return await crane(["digest", this.direct(reference)]);
    } catch (error) {
      if (/MANIFEST_UNKNOWN|NAME_UNKNOWN|404/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /** Tags of a repository, sorted; none where there is no such repository. */
  async tags(repository: string): Promise<string[]> {
    try {
      return (await crane(["ls", this.direct(repository)])).split("\n").filter(Boolean).sort();
    } catch (error) {
      if (/NAME_UNKNOWN/.test((error as Error).message)) return [];
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.stop()));
    await this.proxy.stop();
    await this.registry.stop();
    await rm(this.project, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a test has of the workbench of its suite. */
export interface BenchTest {
  bench: Workbench;
  provider: ProviderProcess;
  /** A repository that no other test uses. */
  repository: string;
  /** Number of the test in its suite, for other names of its own. */
  serial: number;
}

/**
 * Opens a workbench with a provider for the tests of this suite, which are not executed where a
 * tool is missing, and closes it after them.
 *
 * @param folder what the names of the tests' repositories start with
 * @param give called before each test with what it has, and once before the suite's further hooks
 */
export function useWorkbench(
  { start, tools, folder }: Pick<RegistryKind, "start"> & { tools: readonly string[]; folder: string },
  give: (test: BenchTest) => void,
): void {
  let bench: Workbench | undefined;
  let provider: ProviderProcess;
  let serial = 0;
  const next = (opened: Workbench) => {
    opened.proxy.reset();
    serial++;
    give({ bench: opened, provider, repository: opened.repository(`${folder}-${serial}`), serial });
  };
  before(async function () {
    requireTools(this, ...tools);
    bench = await Workbench.open(start);
    provider = await bench.provider();
    next(bench);
  });
  beforeEach(() => bench && next(bench));
  after(() => bench?.close());
}

/** Starts providers in a project folder, which end after each test of this suite. */
export function useProviders(): (
  project: string,
  config?: Properties,
  env?: NodeJS.ProcessEnv,
) => Promise<ProviderProcess> {
  const providers: ProviderProcess[] = [];
  afterEach(() => Promise.all(providers.splice(0).map((provider) => provider.stop())));
  return async (project, config, env) => {
    const provider = await ProviderProcess.start(project, config, env);
    providers.push(provider);
    return provider;
  };
}

/** A text that nothing else has, for a layer of its own. */
export function uniqueText(): string {
  return randomBytes(16).toString("hex");
}

/** A layer of one text file. */
export function textLayer(content: string = uniqueText(), to = "/content.txt"): Properties {
  return { files: [{ to, content }] };
}

/** Publishes an image of one text file. Returns its digest. */
export async function pushImage(
  provider: ProviderProcess,
  repository: string,
  content?: string,
): Promise<string> {
  const inputs = { repository, platform: "linux/amd64", layers: [textLayer(content)] };
  return String((await provider.create("slipway:oci:Image", inputs)).state.digest);
}
