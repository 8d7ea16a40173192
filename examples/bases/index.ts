import { execFileSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { Command, embeddedRegistry, MultiArchImage, Tags } from "slipway";

const platforms = new pulumi.Config().requireObject<string[]>("platforms");

/**
 * Packages of the images. They are named one by one: no script of a package runs, and nothing more
 * is taken.
 */
const debian = [
  ...[
    "base-files",
    "base-passwd",
    "busybox-static",
    "ca-certificates",
    "coreutils",
    "dash",
    "netbase",
    "passwd",
  ],
  ...[
    "libacl1",
    "libattr1",
    "libaudit1",
    "libbz2-1.0",
    "libc6",
    "libcap-ng0",
    "libcrypt1",
    "libgcc-s1",
    "libgmp10",
  ],
  ...["libpcre2-8-0", "libselinux1", "libsemanage2", "libsepol2", "login", "tzdata"],
];
const python = [
  ...["libpython3.11-minimal", "libpython3.11-stdlib", "media-types", "python3.11", "python3.11-minimal"],
  ...[
    "libdb5.3",
    "libexpat1",
    "libffi8",
    "liblzma5",
    "libncursesw6",
    "libreadline8",
    "libsqlite3-0",
    "libssl3",
  ],
  ...["libstdc++6", "libtinfo6", "libuuid1", "zlib1g"],
];

/** A folder that a script fills, as a layer of an image. */
function layer(name: string, script: string, ...args: string[]) {
  const { files } = new Command(name, {
    command: ["sh", script, "{output}", ...args],
    sources: [script],
    outputs: ["packages"],
  });
  const source = files.apply(({ packages }) => packages?.path.replace(/packages$/, "rootfs") ?? "");
  return { files: [{ to: "/", source }], createdBy: `${script} ${args.join(" ")}` };
}

/** Every program may write there; the layer above has plain permissions only. */
const temporary = {
  files: ["/tmp", "/var/tmp"].map((to) => ({ to, directory: true, mode: "1777" })),
};

type Layers = (ReturnType<typeof layer> | typeof temporary)[];

/** An image at `bases/NAME` of the embedded registry. Returns its reference by digest. */
function publish(name: string, tags: readonly string[], layers: Readonly<Record<string, Layers>>, env = {}) {
  const config = { cmd: ["/bin/sh"], env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...env } };
  const image = new MultiArchImage(name, {
    repository: embeddedRegistry().repository(`bases/${name}`),
    platforms: Object.fromEntries(
      Object.entries(layers).map(([platform, own]) => [platform, { layers: own, config }]),
    ),
  });
  const declared = tags.map((tag) => ({ tag, moves: "always" as const }));
  new Tags(
    name,
    { repository: image.repository, digest: image.digest, tags: declared },
    { dependsOn: image.whole },
  );
  return image.reference;
}

const architecture = (platform: string) => platform.split("/")[1] ?? "";
const onEach = (name: string, packages: readonly string[]) =>
  Object.fromEntries(
    platforms.map((platform): [string, Layers] => {
      const arch = architecture(platform);
      return [platform, [layer(`${name}-${arch}`, "debian.sh", arch, ...packages), temporary]];
    }),
  );

const debianLayers = onEach("debian", debian);

/**
 * The machine's Go, for stages that run on the machine's own platform; undefined where it has none.
 */
function publishGo() {
  const platform = platforms.find(
    (one) => architecture(one) === { x64: "amd64", arm64: "arm64" }[process.arch as string],
  );
  let version: string;
  try {
    version = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim().replace("go", "");
  } catch {
    void pulumi.log.warn("there is no Go on this machine, and so no image bases/golang");
    return undefined;
  }
  if (platform === undefined) return undefined;
  const layers = [...(debianLayers[platform] ?? []), layer("golang", "golang.sh", version)];
  const tags = [version, version.split(".").slice(0, 2).join("."), "latest"];
  return publish(
    "golang",
    tags,
    { [platform]: layers },
    { GOROOT: "/usr/local/go", GOPATH: "/go", GOTOOLCHAIN: "local", CGO_ENABLED: "0" },
  );
}

/** References by digest. */
export const debianImage = publish("debian", ["12"], debianLayers);
export const pythonImage = publish("python", ["3.11"], onEach("python", [...debian, ...python]));
export const golangImage = publishGo();
