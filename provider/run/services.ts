import * as path from "node:path";
import { ArchiveCache } from "../../lib/archive/cache";
import { Catalogs } from "../../lib/channels/observed/ask";
import { BuildStore } from "../../lib/command/store";
import { stagedContexts } from "../../lib/dockerfile/staged-context";
import { recordedAddress } from "../../lib/embedded/address";
import { ensureRunning } from "../../lib/embedded/registry";
import { embeddedCredentials } from "../../lib/embedded/registry-access";
import { HashCache } from "../../lib/oci/layer/hash-cache";
import { cacheLimit, LayerCache } from "../../lib/oci/layer/cache";
import { openRepository, parseAddress, type OpenedRepository } from "../../lib/oci/address";
import { MirrorRun } from "../../lib/oci/mirror";
import { apiHost, formatRepository, parseRepository } from "../../lib/oci/reference";
import { useProxiesOfEnvironment } from "../../lib/oci/transport/process-proxy";
import { RegistryClient } from "../../lib/oci/registry/client";
import { RecentPushes } from "../../lib/oci/registry/recent-pushes";
import { RegistryError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import { errorCode } from "../../lib/oci/transport/retry";
import type * as ScanRunModule from "../../lib/scan/scan-run";
import type { FetchedManifest } from "../../lib/oci/types";
import type { ProviderConfig } from "../../resources/definitions/provider-config";
import { privateFolder } from "../../lib/machine/private-folder.cjs";
import type { OnWait } from "../../lib/oci/transport/wait-budget";
import type { ProgramObserver } from "../../lib/command/command-spec";
import { AssetStore } from "./asset-store";
import { EmbeddedBuilder } from "./embedded-builder";
import { displayOf } from "../base/display";
import type { EngineLog } from "../base/engine-log";
import { GitHubAccess } from "./github-access";
import { LostBlobs } from "./lost-blobs";
import { MadeFiles } from "./made-files";
import { MetadataApis } from "./metadata-apis";
import { Preflight } from "./preflight";
import { RecentDocuments } from "./recent-documents";
import { Run } from "./run";
import { SilentRegistries } from "./silent-registries";

/** Manifests kept in memory, so that tagging what was just pushed reads nothing back. */
const manifestsKept = 512;

/** What was used within this time may be in use, by this run or by one beside it. */
const inUseMs = 3 * 3_600_000;

/**
 * Services that the handlers share during one run: connections, caches, and the results of
 * commands.
 */
export class Services {
  readonly run = new Run();
  /** Where people read what the engine displays. */
  readonly display = displayOf(process.ppid, process.env);
  /** What this run has put into registries. */
  readonly pushes = new RecentPushes();
  readonly layers: LayerCache;
  private readonly cacheLimit: number;
  readonly archives: ArchiveCache;
  readonly builds: BuildStore;
  /** Absolute folder of the copies of build contexts. */
  readonly contexts: string;
  /** Fetched files of other releases. */
  readonly assets: AssetStore;
  /** Files in the project that follow from what is declared. */
  readonly made: MadeFiles;
  /** Tells the longer waits that hosts ask for. */
  readonly onWait: OnWait;
  /** Texts of the sums files of this run, by digest: a preview does not write them. */
  readonly madeSums = new Map<string, string>();
  /** Services that the mirrors of this run share. */
  readonly mirrors = new MirrorRun();
  /** What an update will need. */
  readonly preflight = new Preflight();
  /** SBOMs that this run has made, for the statements about them. */
  readonly documents = new RecentDocuments();
  /** Registries that are down, as mirrors have noticed. */
  readonly silent = new SilentRegistries();
  /** What registries have lost of what this program publishes. */
  readonly lost: LostBlobs;
  /** Catalogs that others fill. */
  readonly catalogs = new Catalogs();
  /** GitHub, for releases. */
  readonly github: GitHubAccess;
  /** The APIs of registries, for what they show of repositories. */
  readonly metadata: MetadataApis;
  /** Prerequisites of Dockerfile builds on this machine. */
  readonly builder: EmbeddedBuilder;
  private readonly client: RegistryClient;
  private readonly hashes: HashCache;
  private readonly manifests = new Map<string, FetchedManifest>();
  /** Manifests that this run was the first to push, by repository and digest. */
  private readonly firstPushed = new Set<string>();
  /** Those of them whose description has not been asked for. */
  private readonly undescribed = new Set<string>();
  private scanRun: ScanRunModule.ScanRun | undefined;
  /**
   * The embedded registry by host; that it does not start is not tried again by the next resource.
   */
  private readonly embedded = new Map<string, Promise<void>>();
  private pruned: Promise<number> | undefined;

  /**
   * @param project absolute folder of the Pulumi project; all paths of programs are relative to it
   * @throws Error for an environment whose proxy is not the address of one
   */
  static async start(config: ProviderConfig, project: string, log: EngineLog): Promise<Services> {
    await useProxiesOfEnvironment(process.env);
    return new Services(config, project, log);
  }

  private constructor(
    readonly config: ProviderConfig,
    readonly project: string,
    private readonly log: EngineLog,
  ) {
    const cache = path.join(privateFolder(path.join(project, ".slipway")), "cache");
    this.hashes = new HashCache(cache);
    this.layers = new LayerCache(cache, this.hashes);
    this.cacheLimit = cacheLimit(process.env);
    this.archives = new ArchiveCache(cache);
    this.contexts = path.join(cache, "contexts");
    this.builds = new BuildStore(
      project,
      path.join(cache, "builds"),
      (file) => this.fileDigest(file),
      config.parallelBuilds,
    );
    this.onWait = (host, milliseconds, reason) =>
      log.write("info", `waiting ${Math.round(milliseconds / 1000)} s for ${host}: it ${reason}`, "");
    this.assets = new AssetStore(project, (file) => this.fileDigest(file), this.onWait);
    this.made = new MadeFiles(project, this.run);
    this.builder = new EmbeddedBuilder(project, log);
    this.github = new GitHubAccess(config, log);
    this.metadata = new MetadataApis(log, this.onWait);
    this.lost = new LostBlobs({
      open: (address) => this.open(address),
      silent: this.silent,
      say: (severity, text) => log.write(severity, text, ""),
    });
    this.client = new RegistryClient({
      credentials: config.registries ?? [],
      // Before a repository of it is opened, the embedded registry has proven that it is the one.
      credentialsOf: (host) => embeddedCredentials(project, host),
      concurrency: config.concurrency,
      onSecret: (text) => log.addSecret(text),
      onWait: this.onWait,
      onAssumed: (text) => log.write("info", text, ""),
      pushes: this.pushes,
      onLost: (repository, blob, options, failure) => this.lost.open(repository, blob, options, failure),
      onWarning: (host, text) => log.write("warning", `registry ${host} says: ${text}`, ""),
    });
  }

  /** Services that the scans of this run share. */
  get scans(): ScanRunModule.ScanRun {
    if (!this.scanRun) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs have no scan, and it loads much
      const { ScanRun } = require("../../lib/scan/scan-run") as typeof ScanRunModule;
      this.scanRun = new ScanRun();
    }
    return this.scanRun;
  }

  /**
   * The repository `host/path`. The embedded registry is started where it is the host and not
   * running.
   */
  async repository(name: string): Promise<Repository> {
    const parsed = parseRepository(name);
    return this.run.once(`repository: ${formatRepository(parsed)}`, async () => {
      await this.startEmbedded(parsed.registry);
      return this.client.repository(parsed);
    });
  }

  /** Checks that the registry of a repository takes the credentials for it. @throws RegistryError, CredentialsError */
  async checkAccess(name: string): Promise<void> {
    const parsed = parseRepository(name);
    await this.startEmbedded(parsed.registry);
    await this.client.checkAccess(parsed);
  }

  /** The client of registries, for what is not about one repository alone. The embedded registry is not started. */
  get registries(): RegistryClient {
    return this.client;
  }

  /** Returns whether a mirror takes connections; what cannot be looked up is another fault. */
  async takesConnections(mirror: string): Promise<boolean> {
    try {
      await this.silent.reach(await this.repository(mirror));
      return true;
    } catch (error) {
      return !(error instanceof RegistryError) || errorCode(error) !== "ETIMEDOUT";
    }
  }

  /**
   * The repository, layout or archive of an address. There is one of each: an archive has one
   * writer.
   */
  async open(address: string): Promise<OpenedRepository> {
    const parsed = parseAddress(address);
    if (parsed.kind === "registry") return this.repository(formatRepository(parsed.repository));
    const image = path.basename(parsed.path, ".tar");
    return this.run.once(`${parsed.kind}: ${parsed.path}`, () =>
      openRepository(parsed, {
        registryClient: this.client,
        baseDirectory: this.project,
        archive: { repoTags: (tag) => `${image}:${tag}` },
      }),
    );
  }

  /**
   * Notes what another program has pushed as part of this run: it is waited for as what Slipway has
   * pushed is.
   *
   * @param name repository, `host/path`
   */
  notePushed(name: string, digest: string): void {
    const { registry, path: repository } = parseRepository(name);
    this.pushes.note(`${apiHost(registry)}/${repository}`, [digest]);
  }

  /** Makes sure that a file is on this machine that another resource of the program makes. */
  async ensureFile(file: string, observer: ProgramObserver): Promise<void> {
    await this.builds.ensure(file, observer);
    await this.assets.ensure(file);
    await this.made.ensure(file);
  }

  /** Digest of a file's content; an unchanged file is not read again. */
  async fileDigest(file: string): Promise<string> {
    return this.hashes.digest(file);
  }

  /** Keeps the digests of files for the next run. */
  async saveHashes(): Promise<void> {
    await this.hashes.save();
  }

  /** Remembers the bytes of a manifest. */
  remember(manifest: FetchedManifest): void {
    const oldest = this.manifests.keys().next().value;
    if (this.manifests.size >= manifestsKept && oldest !== undefined) this.manifests.delete(oldest);
    this.manifests.set(manifest.descriptor.digest, manifest);
  }

  /**
   * Pushes a manifest that is not in its repository.
   *
   * @param wasThere whether it was before, and others may know it
   */
  async pushNew(repository: Repository, manifest: FetchedManifest, wasThere: boolean): Promise<void> {
    const { bytes, descriptor } = manifest;
    await repository.putManifest(bytes, descriptor.mediaType, { isNew: !wasThere });
    if (wasThere) return;
    const name = `${repository.name}@${descriptor.digest}`;
    this.firstPushed.add(name);
    this.undescribed.add(name);
  }

  /** Returns whether this run was the first to push a manifest: an index of it cannot be there. */
  isFirstPushed(repository: Repository, digest: string): boolean {
    return this.firstPushed.has(`${repository.name}@${digest}`);
  }

  /** Returns once whether this run was the first to push a manifest: what describes it is not there. */
  takeFirstPushed(repository: Repository, digest: string): boolean {
    return this.undescribed.delete(`${repository.name}@${digest}`);
  }

  /** A manifest by digest, from memory or the repository. */
  async manifest(repository: Repository, digest: string): Promise<FetchedManifest> {
    return this.manifests.get(digest) ?? repository.getManifest(digest);
  }

  /** Keeps what is in the cache within its limit; once a run is enough. */
  async pruneCache(): Promise<void> {
    this.pruned ??= this.prune();
    await this.pruned;
  }

  private async prune(): Promise<number> {
    const others = await Promise.all([this.builds.kept(), stagedContexts(this.contexts)]);
    return this.layers.prune(this.cacheLimit, Date.now() - inUseMs, others.flat());
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.github.close();
    await this.metadata.close();
    await this.catalogs.close();
  }

  /** Once for each host: a program has many repositories at few. */
  private startEmbedded(registry: string): Promise<void> {
    const known = this.embedded.get(registry);
    if (known) return known;
    const started =
      recordedAddress(this.project) === registry
        ? ensureRunning(this.project, {
            expected: registry,
            onProgress: (text) => this.log.write("info", text, ""),
          }).then(() => undefined)
        : Promise.resolve();
    this.embedded.set(registry, started);
    return started;
  }
}
