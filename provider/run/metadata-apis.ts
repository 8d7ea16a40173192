import type { MetadataApi } from "../../lib/registries/metadata";
import { metadataRules, type MetadataKind } from "../../lib/registries/metadata-rules";
import type { OnWait } from "../../lib/oci/transport/wait-budget";
import type { EngineLog } from "../base/engine-log";

/** Who asks the API of a registry. */
export interface CuratorLogin {
  readonly username?: string | undefined;
  readonly password: string;
}

/** An API, and who asks it. */
export interface ApiAccess {
  readonly kind: MetadataKind;
  /** Address of the API. */
  readonly address: string;
  /** Undefined reads what is public. */
  readonly login: CuratorLogin | undefined;
}

/** The APIs of registries that one run asks: each is signed in to once. */
export class MetadataApis {
  private readonly opened = new Map<string, Promise<MetadataApi>>();

  constructor(
    private readonly log: EngineLog,
    private readonly onWait: OnWait,
  ) {}

  /** The client of an API; nothing is sent yet. */
  open(access: ApiAccess, signal: AbortSignal): Promise<MetadataApi> {
    const { kind, address, login } = access;
    const key = JSON.stringify([kind, address, login?.username, login?.password]);
    const known = this.opened.get(key) ?? this.load(access, signal);
    this.opened.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    for (const api of this.opened.values()) await (await api).close();
  }

  /** Most programs ask none of them, so what is not asked is not loaded. */
  private async load({ kind, address, login }: ApiAccess, signal: AbortSignal): Promise<MetadataApi> {
    const options = {
      address: new URL(address),
      onWait: this.onWait,
      onSecret: (text: string) => this.log.addSecret(text),
      signal,
    };
    if (login !== undefined) this.log.addSecret(login.password);
    const { username = "", password = "" } = login ?? {};
    switch (kind) {
      case "docker-hub": {
        const { DockerHub } = await import("../../lib/registries/docker-hub/hub.js");
        return new DockerHub(login && { username, password }, options);
      }
      case "quay": {
        const { Quay } = await import("../../lib/registries/quay/quay.js");
        return new Quay(login?.password, options);
      }
      case "harbor": {
        const { Harbor } = await import("../../lib/registries/harbor/harbor.js");
        const basic = Buffer.from(`${username}:${password}`).toString("base64");
        if (login !== undefined) this.log.addSecret(basic);
        return new Harbor(login && `Basic ${basic}`, options);
      }
    }
  }
}

/** Address of the API of a repository's registry, where none is declared. */
export function apiOf(kind: MetadataKind, host: string): string {
  const rules = metadataRules[kind];
  return rules.api !== undefined && rules.host === host ? rules.api : `https://${host}`;
}
