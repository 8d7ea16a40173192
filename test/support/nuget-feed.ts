import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { unzipSync } from "fflate";
import { plainText, xmlText } from "../../lib/text/xml";

/** Key that a feed takes unless it is told otherwise. */
export const feedKey = "a-key-of-a-test-only";

/**
 * A feed of NuGet 2 as NuGetGallery has it: pushes by PUT of a form with a key, and OData that
 * `nuget` lists and installs from. With moderators it does what Chocolatey's does: a version is
 * hidden until it is approved, and another one is not taken before one of the package was.
 */
export class NugetFeed {
  readonly versions: FeedVersion[] = [];
  readonly requests: { method: string; url: string; key: string | undefined }[] = [];
  moderated = false;
  /** Whether what waits is shown by its exact address, with its status. */
  showsWaiting = false;
  key = feedKey;

  private constructor(
    private readonly server: Server,
    readonly folder: string,
  ) {}

  static async start(folder: string): Promise<NugetFeed> {
    await mkdir(folder, { recursive: true });
    const server = createServer((request, response) => {
      feed.answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
    const feed = new NugetFeed(server, folder);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return feed;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Address that clients are told, and that packages are pushed to. */
  get source(): string {
    return `http://127.0.0.1:${this.port}/nuget/`;
  }

  pushes(): number {
    return this.requests.filter(({ method }) => method === "PUT").length;
  }

  approve(version: string): void {
    for (const one of this.versions) if (one.version === version) one.status = "Approved";
  }

  reject(version: string): void {
    for (const one of this.versions) if (one.version === version) one.status = "Rejected";
  }

  /** Puts a package in place as somebody else would. */
  async put(bytes: Buffer): Promise<FeedVersion> {
    const files = unzipSync(bytes);
    const nuspec = Object.keys(files).find((name) => /^[^/]+\.nuspec$/.test(name));
    if (
      nuspec === undefined ||
      files["[Content_Types].xml"] === undefined ||
      files["_rels/.rels"] === undefined
    )
      throw new Error("it is no package of Open Packaging Conventions");
    const text = Buffer.from(files[nuspec] ?? []).toString("utf8");
    const of = (name: string) => plainText(new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "");
    const dependencies = [...text.matchAll(/<dependency id="([^"]*)" version="([^"]*)"/g)];
    const added: FeedVersion = {
      id: of("id"),
      version: of("version"),
      bytes,
      status: this.moderated ? "Submitted" : "Approved",
      authors: of("authors"),
      description: of("description"),
      tags: of("tags"),
      dependencies: dependencies.map(([, id, range]) => `${id}:${range}`).join("|"),
    };
    const same = this.versions.findIndex((one) => one.id === added.id && one.version === added.version);
    if (same >= 0) this.versions.splice(same, 1);
    this.versions.push(added);
    await writeFile(path.join(this.folder, `${added.id}.${added.version}.nupkg`), bytes);
    return added;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const header = request.headers["x-nuget-apikey"];
    this.requests.push({ method, url: decodeURIComponent(url), key: header?.toString() });
    const { pathname, searchParams } = new URL(url, this.source);
    const operation = decodeURIComponent(pathname).replace(/^\/nuget\/?/, "");
    if (method === "PUT") return this.pushed(request, response);
    const atom = (text: string) =>
      response.writeHead(200, { "content-type": "application/atom+xml;charset=utf-8" }).end(text);
    const named = /^Packages\(Id='([^']*)',Version='([^']*)'\)$/.exec(operation);
    if (named !== null) {
      const found = this.versions.find((one) => one.id === named[1] && one.version === named[2]);
      const isShown = found !== undefined && (found.status === "Approved" || this.showsWaiting);
      if (isShown) atom(`${xmlHead}${this.entry(found, true)}`);
      else response.writeHead(404).end();
      return;
    }
    const download = /^package\/([^/]+)\/([^/]+)$/.exec(operation);
    const file = this.versions.find((one) => one.id === download?.[1] && one.version === download[2]);
    if (file !== undefined) response.writeHead(200, { "content-type": "application/zip" }).end(file.bytes);
    else if (operation === "$metadata")
      response.writeHead(200, { "content-type": "application/xml" }).end(metadata);
    else if (/^(?:Packages|Search|FindPackagesById)\(\)(?:\/\$count)?$/.test(operation)) {
      const listed = this.listed(operation, searchParams);
      if (operation.endsWith("$count")) response.end(String(listed.length));
      else atom(`${xmlHead}${this.page(listed)}`);
    } else if (operation === "")
      response.writeHead(200, { "content-type": "application/xml" }).end(serviceDocument(this.source));
    else response.writeHead(404).end();
  }

  private async pushed(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const refuse = (status: number, words: string) => response.writeHead(status).end(words);
    if (request.headers["x-nuget-apikey"] !== this.key)
      return void refuse(403, "The specified API key is invalid or does not have permission.");
    const boundary = /boundary="?([^";]+)"?/.exec(request.headers["content-type"] ?? "")?.[1];
    const body = Buffer.concat(pieces);
    const start = body.indexOf("\r\n\r\n") + 4;
    const end = body.lastIndexOf(`\r\n--${boundary}--`);
    if (boundary === undefined || end < start) return void refuse(400, "A form is expected.");
    const bytes = body.subarray(start, end);
    const before = [...this.versions];
    const added = await this.put(bytes);
    const refused = this.refusal(before, added);
    if (refused === undefined) return void response.writeHead(201).end();
    this.versions.splice(0, this.versions.length, ...before);
    refuse(...refused);
  }

  private refusal(
    before: readonly FeedVersion[],
    { id, version }: FeedVersion,
  ): [number, string] | undefined {
    const own = before.filter((one) => one.id === id);
    if (own.some((one) => one.version === version))
      return [409, `A package with id '${id}' and version '${version}' already exists.`];
    if (this.moderated && own.length > 0 && own.every(({ status }) => status !== "Approved"))
      return [403, ""];
    return undefined;
  }

  private listed(operation: string, query: URLSearchParams): FeedVersion[] {
    const unquoted = (name: string) => (query.get(name) ?? "").replaceAll("'", "").toLowerCase();
    const filter = query.get("$filter") ?? "";
    const prereleases =
      query.get("includePrerelease") === "true" || filter.includes("IsAbsoluteLatestVersion");
    const id = unquoted("id") || (/tolower\(Id\) eq '([^']*)'/.exec(filter)?.[1] ?? "");
    return this.versions.filter(
      (one) =>
        one.status === "Approved" &&
        (id === "" || one.id.toLowerCase() === id) &&
        one.id.toLowerCase().includes(unquoted("searchTerm")) &&
        (operation.startsWith("Find") || prereleases || !one.version.includes("-")) &&
        (!/Is(?:Absolute)?LatestVersion/.test(filter) || this.isLatest(one, prereleases)),
    );
  }

  private isLatest({ id, version }: FeedVersion, prereleases: boolean): boolean {
    const own = this.versions.filter(
      (one) => one.id === id && one.status === "Approved" && (prereleases || !one.version.includes("-")),
    );
    // Versions of the tests have numbers of one digit: "~" comes after all that a pre-release has.
    const key = (text: string) => (text.includes("-") ? text : `${text}-~`);
    return own.every((one) => key(one.version) <= key(version));
  }

  private page(listed: readonly FeedVersion[]): string {
    return (
      `<feed xml:base="${this.source}" ${namespaces}><id>${this.source}Packages</id><title type="text">Packages</title>` +
      `<updated>2026-01-01T00:00:00Z</updated>${listed.map((one) => this.entry(one)).join("")}</feed>`
    );
  }

  private entry(one: FeedVersion, isWhole = false): string {
    const address = `${this.source}Packages(Id='${one.id}',Version='${one.version}')`;
    const text = (name: string, value: string) => `<d:${name}>${xmlText(value)}</d:${name}>`;
    const flag = (name: string, value: boolean) => `<d:${name} m:type="Edm.Boolean">${value}</d:${name}>`;
    const hash = createHash("sha512").update(one.bytes).digest("base64");
    return (
      `<entry${isWhole ? ` xml:base="${this.source}" ${namespaces}` : ""}><id>${address}</id>` +
      `<title type="text">${one.id}</title><updated>2026-01-01T00:00:00Z</updated>` +
      `<author><name>${xmlText(one.authors)}</name></author>` +
      `<category term="NuGetGallery.V2FeedPackage" scheme="http://schemas.microsoft.com/ado/2007/08/dataservices/scheme" />` +
      `<content type="application/zip" src="${this.source}package/${one.id}/${one.version}" /><m:properties>` +
      text("Id", one.id) +
      text("Version", one.version) +
      text("NormalizedVersion", one.version) +
      text("Authors", one.authors) +
      text("Description", one.description) +
      text("Tags", one.tags) +
      text("Dependencies", one.dependencies) +
      text("PackageHash", hash) +
      text("PackageHashAlgorithm", "SHA512") +
      `<d:PackageSize m:type="Edm.Int64">${one.bytes.length}</d:PackageSize>` +
      `<d:Published m:type="Edm.DateTime">2026-01-01T00:00:00</d:Published>` +
      flag("IsPrerelease", one.version.includes("-")) +
      flag("IsLatestVersion", this.isLatest(one, false)) +
      flag("IsAbsoluteLatestVersion", this.isLatest(one, true)) +
      flag("IsApproved", one.status === "Approved") +
      text("PackageStatus", one.status) +
      "</m:properties></entry>"
    );
  }
}

interface FeedVersion {
  id: string;
  version: string;
  bytes: Buffer;
  status: "Submitted" | "Approved" | "Rejected";
  authors: string;
  description: string;
  tags: string;
  dependencies: string;
}

const xmlHead = '<?xml version="1.0" encoding="utf-8"?>';
const namespaces =
  'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" ' +
  'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"';

function serviceDocument(base: string): string {
  return (
    `${xmlHead}<service xml:base="${base}" xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom">` +
    '<workspace><atom:title>Default</atom:title><collection href="Packages"><atom:title>Packages</atom:title>' +
    "</collection></workspace></service>"
  );
}

const property = (name: string, type: string) =>
  `<Property Name="${name}" Type="Edm.${type}" Nullable="true" />`;

/** What clients ask for: which operations there are. */
const metadata =
  `${xmlHead}<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">` +
  '<edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">' +
  '<Schema Namespace="NuGetGallery" xmlns="http://schemas.microsoft.com/ado/2006/04/edm">' +
  '<EntityType Name="V2FeedPackage" m:HasStream="true"><Key><PropertyRef Name="Id" /><PropertyRef Name="Version" /></Key>' +
  ["Id", "Version", "NormalizedVersion", "Authors", "Description", "Tags", "Dependencies", "PackageHash"]
    .map((name) => property(name, "String"))
    .join("") +
  property("PackageHashAlgorithm", "String") +
  property("PackageSize", "Int64") +
  property("Published", "DateTime") +
  ["IsPrerelease", "IsLatestVersion", "IsAbsoluteLatestVersion"]
    .map((name) => property(name, "Boolean"))
    .join("") +
  '</EntityType><EntityContainer Name="FeedContext_x0060_1" m:IsDefaultEntityContainer="true">' +
  '<EntitySet Name="Packages" EntityType="NuGetGallery.V2FeedPackage" />' +
  '<FunctionImport Name="Search" EntitySet="Packages" ReturnType="Collection(NuGetGallery.V2FeedPackage)" m:HttpMethod="GET">' +
  '<Parameter Name="searchTerm" Type="Edm.String" /><Parameter Name="targetFramework" Type="Edm.String" />' +
  '<Parameter Name="includePrerelease" Type="Edm.Boolean" /></FunctionImport>' +
  '<FunctionImport Name="FindPackagesById" EntitySet="Packages" ReturnType="Collection(NuGetGallery.V2FeedPackage)" m:HttpMethod="GET">' +
  '<Parameter Name="id" Type="Edm.String" /></FunctionImport></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>';
