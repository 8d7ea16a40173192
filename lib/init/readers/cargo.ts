import { fieldsOf } from "../code";
import type { Fact, FoundEntry, Reader, SourceText, Surroundings } from "../found";
import { folderOf, joined, lastPart } from "../paths";
import { readToml, tomlText, type Toml } from "../toml";

/** Platforms of a program in Rust that one machine for Linux builds without another linker. */
const platforms = ["linux/amd64"];

/** Reads packages of Rust. Source: doc.rust-lang.org/cargo, "The Manifest Format". */
export const cargoReader: Reader = {
  name: "rust",
  takes: (path) => lastPart(path) === "Cargo.toml",
  read(source, around) {
    const toml = readToml(source.text);
    const { path } = source;
    const left = toml.unread.map((line) => ({
      file: path,
      line,
      what: "line",
      reason: "is not understood as TOML",
    }));
    const name = tomlText(toml, "package", "name");
    if (name === undefined) return { left };
    const entries = programsOf(source, toml, name.value, around).flatMap(programEntries);
    const isPublished = toml.values.every((one) => one.table !== "package" || one.key !== "publish");
    const crate = {
      file: path,
      line: name.line,
      what: "crates.io",
      reason: "there is no channel for it: publish the crate as before",
    };
    return {
      facts: folderOf(path) === "." ? factsOf(source, toml) : [],
      entries,
      left: [...left, ...(isPublished ? [crate] : [])],
    };
  },
};

function factsOf({ path }: SourceText, toml: Toml): Fact[] {
  const keys: [Fact["about"], string][] = [
    ["name", "name"],
    ["version", "version"],
    ["description", "description"],
    ["licenses", "license"],
    ["homepage", "homepage"],
    ["source", "repository"],
  ];
  return keys.flatMap(([about, key]): Fact[] => {
    const found = tomlText(toml, "package", key);
    return found === undefined ? [] : [{ about, value: found.value, from: { file: path, line: found.line } }];
  });
}

interface Program {
  readonly name: string;
  readonly folder: string;
  readonly from: { readonly file: string; readonly line: number };
}

/** `[[bin]]`, `src/main.rs` and `src/bin/*.rs` (Cargo, "Cargo Targets"). */
function programsOf({ path }: SourceText, toml: Toml, name: string, { files }: Surroundings): Program[] {
  const folder = folderOf(path);
  const declared = toml.values.flatMap(({ table, key, value, line }): Program[] =>
    /^bin\.\d+$/.test(table) && key === "name" && typeof value === "string"
      ? [{ name: value, folder, from: { file: path, line } }]
      : [],
  );
  const main = joined(folder, "src/main.rs") ?? "";
  const bins = [...files].flatMap((file) => {
    const found = /^(?:(.*)\/)?src\/bin\/([\w-]+)\.rs$/.exec(file);
    return found !== null && (found[1] ?? ".") === folder ? [{ name: found[2] ?? "", file }] : [];
  });
  const found = [
    ...declared,
    ...(files.has(main) && declared.length === 0 ? [{ name, folder, from: { file: main, line: 1 } }] : []),
    ...bins.map((bin) => ({ name: bin.name, folder, from: { file: bin.file, line: 1 } })),
  ];
  // A name is part of a command.
  const named = found.filter((one) => /^[\w-]+$/.test(one.name));
  return named.filter((one, index) => named.findIndex((other) => other.name === one.name) === index);
}

function programEntries({ name, folder, from }: Program): FoundEntry[] {
  const build = `cargo build --release --locked --bin ${name} --target {triple}`;
  const place = `target/{triple}/release/${name}{exe}`;
  const binary = fieldsOf({
    directory: folder === "." ? undefined : folder,
    command: `${build}\ncp "\${CARGO_TARGET_DIR:-target}/${place.slice("target/".length)}" {output}/`,
    sources: ["**/*.rs", "Cargo.{toml,lock}"],
    platforms,
  });
  return [
    { section: "binaries", name, fields: binary, platforms, from },
    {
      section: "archives",
      name,
      fields: fieldsOf({ binaries: [name], name: "{name}-{tag}-{triple}" }),
      from,
    },
  ];
}
