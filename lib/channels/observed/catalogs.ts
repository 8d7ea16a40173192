import type { Probe } from "./probe";

/** A catalog that is known by name. */
export interface KnownCatalog {
  /** Host that says what it has. */
  readonly host: string;
  /** Which part of it is asked about, e.g. a suite, where there are several: the usual one. */
  readonly part?: string;
  /** How it is asked. @param part that part */
  probe(host: string, name: string, part: string): Probe;
}

/** Catalogs that others fill, by the names that people know them by. */
export const catalogs = {
  "homebrew-core": {
    host: "https://formulae.brew.sh",
    probe: (host, name) => ({
      url: `${host}/api/formula/${name}.json`,
      version: "/versions/stable",
      spelled: "homebrew",
    }),
  },
  "homebrew-cask": {
    host: "https://formulae.brew.sh",
    probe: (host, name) => ({ url: `${host}/api/cask/${name}.json`, version: "/version" }),
  },
  nixpkgs: {
    host: "https://raw.githubusercontent.com",
    part: "nixos-unstable",
    probe: (host, name, branch) => ({
      url: `${host}/NixOS/nixpkgs/${branch}/pkgs/by-name/${name.slice(0, 2)}/${name}/package.nix`,
      pattern: '^\\s*version = "([^"]+)";',
    }),
  },
  debian: {
    host: "https://sources.debian.org",
    part: "sid",
    probe: (host, name, suite) => ({
      url: `${host}/api/src/${name}/`,
      list: "/versions",
      where: { suites: suite },
      version: "/version",
      spelled: "debian",
    }),
  },
  "conda-forge": {
    host: "https://api.anaconda.org",
    probe: (host, name) => ({ url: `${host}/package/conda-forge/${name}`, version: "/latest_version" }),
  },
  "docker-official-images": {
    host: "https://raw.githubusercontent.com",
    probe: (host, name) => ({
      url: `${host}/docker-library/official-images/master/library/${name}`,
      pattern: "^Tags:.*?\\b(\\d+\\.\\d+\\.\\d+)\\b",
    }),
  },
  repology: {
    host: "https://repology.org",
    part: "debian_unstable",
    probe: (host, name, repository) => ({
      url: `${host}/api/v1/project/${name}`,
      list: "",
      where: { repo: repository },
      version: "/version",
    }),
  },
} as const satisfies Readonly<Record<string, KnownCatalog>>;

export type CatalogName = keyof typeof catalogs;

export const catalogNames = Object.keys(catalogs) as CatalogName[];
