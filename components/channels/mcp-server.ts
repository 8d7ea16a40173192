import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import {
  checkBundleAddress,
  checkMcpRegistry,
  checkServerName,
  isImageHost,
  longestDescription,
  officialRegistry,
  registryVersion,
  serverNameLabel,
} from "../../lib/channels/mcp/names";
import {
  argument,
  keyValueInput,
  localTransport,
  remoteTransport,
  serverSchemaAddress,
  type ServerJson,
  type ServerPackage,
} from "../../lib/channels/mcp/server-json";
import { checkPackageName } from "../../lib/channels/npm/package-name";
import { npmVersionOf } from "../../lib/channels/npm/version";
import { checkProjectName, projectKey } from "../../lib/channels/pypi/name";
import { pythonVersionOf } from "../../lib/channels/pypi/version";
import { digestHex } from "../../lib/oci/digest";
import { McpServer } from "../../resources";
import { checked, prose } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { mcpServerDefinition } from "../../resources/definitions/mcp-server";
import { checkArguments, inputText } from "../declaration/call-arguments";
import type {
  ChannelContent,
  ChannelOptions,
  ChannelRelease,
  ChannelResource,
  ChannelTarget,
  ShippedPackage,
} from "../declaration/channel-target";

/** How a client starts a server, and what it asks its user for. */
export interface McpStart {
  /** How they talk. Default: `{ type: "stdio" }`. */
  transport?: z.infer<typeof localTransport>;
  /** Program that starts it, e.g. `npx`, `uvx` or `docker`. */
  runtimeHint?: string;
  /** Arguments of that program. */
  runtimeArguments?: z.infer<typeof argument>[];
  /** Arguments of the server. */
  packageArguments?: z.infer<typeof argument>[];
  /** Variables that it reads. */
  environmentVariables?: z.infer<typeof keyValueInput>[];
}

/** What a client starts: one of the fields says what of the release it is. */
export interface McpPackage extends McpStart {
  /** Image of the distribution, by digest, from the first of its registries. */
  image?: string;
  /** Package of npm, in the version of the release. */
  npm?: string;
  /** Project of PyPI, in the version of the release. */
  pypi?: string;
  /** Bundle (MCPB) that a command of `extraArtifacts` makes, which is a file of the release. */
  bundle?: string;
}

/** Arguments of {@link mcpServer}. */
export interface McpServerTargetArgs {
  /** Name: a reversed domain, a slash and a name, e.g. `io.github.acme/hello`. */
  name: string;
  title?: string;
  /** What it does, in at most 100 characters. */
  description: string;
  websiteUrl?: string;
  /** Repository of its sources on GitHub or GitLab. Default: none. */
  repository?: { url: string; source: "github" | "gitlab"; id?: string; subfolder?: string };
  /** What clients start. */
  packages?: McpPackage[];
  /** Where it runs already. */
  remotes?: z.infer<typeof remoteTransport>[];
  /** Registry. Default: that of the Model Context Protocol. */
  registry?: string;
  /** Token of GitHub; kept a secret. Default: the identity of the workflow of GitHub Actions. */
  githubToken?: pulumi.Input<string>;
  /** Domain that proves whose the name is, with its private key of Ed25519; kept a secret. */
  domain?: { name: string; proof: "dns" | "http"; key: pulumi.Input<string> };
  /** Whether the registry is asked to take it from anybody, as one for tests does. Default: false. */
  anonymous?: boolean;
  /** Default: `active`. */
  status?: "active" | "deprecated" | "deleted";
  /** Why it is deprecated or deleted. */
  statusMessage?: string;
  /** Whether a pre-release is published too, which everybody gets who names no version. Default: false. */
  prereleases?: boolean;
}

const start = {
  transport: localTransport.optional(),
  runtimeHint: z.string().min(1).optional(),
  runtimeArguments: z.array(argument).optional(),
  packageArguments: z.array(argument).optional(),
  environmentVariables: z.array(keyValueInput).optional(),
};

const kinds = ["image", "npm", "pypi", "bundle"] as const;

const declaredPackage = z
  .strictObject({
    image: z.string().min(1).optional(),
    npm: checked(checkPackageName)
      .meta({ examples: ["@acme/hello"] })
      .optional(),
    pypi: checked(checkProjectName)
      .meta({ examples: ["hello"] })
      .optional(),
    bundle: z.string().min(1).optional(),
    ...start,
  })
  .refine(
    (value) => kinds.filter((kind) => value[kind] !== undefined).length === 1,
    'one of image, npm, pypi and bundle is expected (a valid example: { image: "hello" })',
  );

const { shape } = mcpServerDefinition.inputs;

const serverArguments = z.strictObject({
  name: checked(checkServerName).meta({ examples: ["io.github.acme/hello"] }),
  title: prose(z.string().min(1).max(100)).optional(),
  description: prose(
    z.string().min(1).max(longestDescription, `at most ${longestDescription} characters are expected`),
  ).meta({ examples: ["Greets the world"] }),
  websiteUrl: z
    .url({ protocol: /^https$/, error: "an https address is expected" })
    .meta({ examples: ["https://acme.example/hello"] })
    .optional(),
  repository: z
    .strictObject({
      url: z.url(),
      source: z.enum(["github", "gitlab"]),
      id: z.string().optional(),
      subfolder: z.string().optional(),
    })
    .optional(),
  packages: z.array(declaredPackage).optional(),
  remotes: z.array(remoteTransport).optional(),
  registry: checked(checkMcpRegistry)
    .meta({ examples: [officialRegistry] })
    .optional(),
  githubToken: inputText.optional(),
  domain: z
    .strictObject({ name: z.string().min(1), proof: z.enum(["dns", "http"]), key: inputText })
    .optional(),
  anonymous: z.boolean().optional(),
  status: shape.status,
  statusMessage: shape.statusMessage,
  prereleases: z.boolean().optional(),
});

/**
 * A version of a server in the registry of the Model Context Protocol: clients find it there, and
 * start what the release has published.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function mcpServer(args: McpServerTargetArgs): ChannelTarget {
  checkArguments("mcpServer()", serverArguments, args);
  return new McpTarget(args);
}

class McpTarget implements ChannelTarget {
  readonly kind = "MCP server";
  readonly name: string;
  private readonly isOfficial: boolean;

  constructor(private readonly args: McpServerTargetArgs) {
    const registry = new URL(args.registry ?? officialRegistry);
    this.isOfficial = registry.origin === officialRegistry;
    this.name = `${args.name} in ${registry.host}`;
  }

  findings(release: ChannelRelease): Finding[] {
    const { packages = [], remotes = [] } = this.args;
    if (packages.length + remotes.length === 0) {
      return [{ property: "packages", reason: "nothing is there for clients: declare packages, or remotes" }];
    }
    return packages.flatMap((declared, index) => {
      try {
        this.planned(release, declared, `packages[${index}]`);
        return [];
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error;
        return [{ property: error.field, reason: error.reason }];
      }
    });
  }

  create(content: ChannelContent, options: ChannelOptions): ChannelResource {
    const {
      registry,
      githubToken,
      domain,
      anonymous,
      status,
      statusMessage,
      prereleases,
      packages = [],
    } = this.args;
    const server = pulumi
      .all(packages.map((declared, index) => this.packageOf(content, declared, `packages[${index}]`)))
      .apply((found) => {
        const made = found.map((text) => JSON.parse(text) as ServerPackage);
        return JSON.stringify(this.document(content, made));
      });
    return new McpServer(
      `${this.args.name}@${new URL(registry ?? officialRegistry).host}`,
      {
        registry,
        server,
        githubToken: githubToken === undefined ? undefined : pulumi.secret(githubToken),
        domain: domain && { ...domain, key: pulumi.secret(domain.key) },
        anonymous,
        status,
        statusMessage,
        prereleases,
        gated: true,
      },
      options,
    );
  }

  private document({ version }: ChannelRelease, packages: readonly ServerPackage[]): ServerJson {
    const { name, title, description, websiteUrl, repository, remotes } = this.args;
    return {
      $schema: serverSchemaAddress,
      name,
      version: registryVersion(version),
      ...(title !== undefined && { title }),
      description,
      ...(websiteUrl !== undefined && { websiteUrl }),
      ...(repository && { repository }),
      ...(packages.length > 0 && { packages: [...packages] }),
      ...(remotes && { remotes }),
    };
  }

  /** A package with everything but what is only known of content: its digest. @throws ChannelError */
  private planned(release: ChannelRelease, declared: McpPackage, field: string): ServerPackage {
    const { image, npm, pypi, bundle, transport = { type: "stdio" }, ...how } = declared;
    const common = { transport, ...how };
    if (image !== undefined) {
      return {
        registryType: "oci",
        identifier: this.repositoryOf(release, image, `${field}.image`),
        ...common,
      };
    }
    if (npm !== undefined) {
      this.checkShipped(release, { registry: "npm", name: npm }, `${field}.npm`);
      return { registryType: "npm", identifier: npm, version: npmVersionOf(release.version), ...common };
    }
    if (pypi !== undefined) {
      this.checkShipped(release, { registry: "pypi", name: pypi }, `${field}.pypi`);
      return { registryType: "pypi", identifier: pypi, version: pythonVersionOf(release.version), ...common };
    }
    const address = this.bundleAddress(release, bundle ?? "", `${field}.bundle`);
    return { registryType: "mcpb", identifier: address, ...common };
  }

  /** Refuses a package of this release that does not say which server it is. @throws ChannelError */
  private checkShipped(
    { shippedPackages = [] }: ChannelRelease,
    { registry, name }: Pick<ShippedPackage, "registry" | "name">,
    field: string,
  ): void {
    const isIt = (one: ShippedPackage) =>
      one.registry === registry &&
      (registry === "pypi" ? projectKey(one.name) === projectKey(name) : one.name === name);
    const reason = shippedPackages.find(isIt)?.refusesServer(this.args.name);
    if (reason !== undefined) throw new ChannelError(field, `${JSON.stringify(name)}: ${reason}`);
  }

  /** As JSON: its arguments and variables are of any shape. */
  private packageOf(content: ChannelContent, declared: McpPackage, field: string): pulumi.Output<string> {
    const planned = this.planned(content, declared, field);
    if (declared.image !== undefined) {
      return content
        .imageDigest(declared.image)
        .apply((digest) => JSON.stringify({ ...planned, identifier: `${planned.identifier}@${digest}` }));
    }
    if (declared.bundle === undefined) return pulumi.output(JSON.stringify(planned));
    return content
      .filesOf(declared.bundle)
      .apply(([file]) => JSON.stringify({ ...planned, fileSha256: digestHex(file?.digest ?? "") }));
  }

  /** The repository that clients pull an image from. @throws ChannelError */
  private repositoryOf({ releasedImages: images }: ChannelRelease, name: string, field: string): string {
    const image = images[name];
    if (image === undefined) {
      throw new ChannelError(
        field,
        `${JSON.stringify(name)} is not one of the images: ${Object.keys(images).join(", ")}`,
      );
    }
    const found = image.repositories.find(
      (one) => !this.isOfficial || isImageHost(one.slice(0, one.indexOf("/"))),
    );
    if (found === undefined) {
      throw new ChannelError(
        field,
        `${JSON.stringify(name)} is in ${image.repositories.join(", ") || "no registry"}, and the MCP registry takes images of ` +
          "docker.io, ghcr.io, quay.io, mcr.microsoft.com, *.pkg.dev and *.azurecr.io alone",
      );
    }
    const label = image.labels[serverNameLabel];
    if (label === this.args.name || (label === undefined && image.mayHaveMore)) return found;
    throw new ChannelError(
      field,
      `${JSON.stringify(name)} has ${label === undefined ? "no label" : `the label ${JSON.stringify(label)}`} ${serverNameLabel}, by which ` +
        `the MCP registry knows whose it is: declare it (a valid example: labels: { "${serverNameLabel}": "${this.args.name}" })`,
    );
  }

  /** @throws ChannelError */
  private bundleAddress(
    { extraArtifacts, downloadUrl }: ChannelRelease,
    name: string,
    field: string,
  ): string {
    const files = extraArtifacts[name];
    const [file] = files ?? [];
    if (file === undefined || files?.length !== 1) {
      throw new ChannelError(
        field,
        `${JSON.stringify(name)} is not one of extraArtifacts that makes one file`,
      );
    }
    const address = downloadUrl(file);
    if (address === undefined) {
      throw new ChannelError(
        field,
        `nobody says where ${file} is downloaded from: declare a release that does`,
      );
    }
    try {
      if (this.isOfficial) checkBundleAddress(address);
    } catch (error) {
      throw new ChannelError(field, (error as Error).message);
    }
    return address;
  }
}
