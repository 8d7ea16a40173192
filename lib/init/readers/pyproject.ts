import { expression, fieldsOf, type Code } from "../code";
import type { Fact, Found, Left, Reader, SourceText } from "../found";
import { folderOf, lastPart } from "../paths";
import { readToml, tomlText, type Toml } from "../toml";

/** Backends whose wheels have no compiled parts unless they are told. */
const pure = /^(flit_core|hatchling|pdm|poetry|setuptools|uv_build)\b/;

/** Reads projects of Python. Source: packaging.python.org, pyproject.toml. */
export const pyprojectReader: Reader = {
  name: "python",
  takes: (path) => lastPart(path) === "pyproject.toml",
  read(source) {
    const toml = readToml(source.text);
    const { path } = source;
    const table = ["project", "tool.poetry"].find((one) => tomlText(toml, one, "name") !== undefined);
    const unread = toml.unread.map((line): Left => ({
      file: path,
      line,
      what: "line",
      reason: "is not understood as TOML",
    }));
    if (table === undefined) return { left: unread };
    const facts = factsOf(source, toml, table);
    const wheel = wheelOf(source, toml, table);
    return { facts: folderOf(path) === "." ? facts : [], ...wheel, left: [...unread, ...(wheel.left ?? [])] };
  },
};

function factsOf({ path }: SourceText, toml: Toml, table: string): Fact[] {
  const said: [Fact["about"], ReturnType<typeof tomlText>][] = [
    ["name", tomlText(toml, table, "name")],
    ["version", tomlText(toml, table, "version")],
    ["description", tomlText(toml, table, "description")],
    ["licenses", tomlText(toml, table, "license") ?? tomlText(toml, `${table}.license`, "text")],
    ["homepage", tomlText(toml, `${table}.urls`, "Homepage") ?? tomlText(toml, table, "homepage")],
    ["source", tomlText(toml, `${table}.urls`, "Repository") ?? tomlText(toml, table, "repository")],
  ];
  return said.flatMap(([about, found]): Fact[] =>
    found === undefined ? [] : [{ about, value: found.value, from: { file: path, line: found.line } }],
  );
}

/** Wheel and sdist, by `python -m build`. */
function wheelOf({ path }: SourceText, toml: Toml, table: string): Found {
  const name = tomlText(toml, table, "name");
  const backend = tomlText(toml, "build-system", "build-backend");
  const line = name?.line ?? 1;
  if (name === undefined || backend === undefined) return {};
  // Core metadata, "Name".
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name.value))
    return {
      left: [
        { file: path, line, what: "name", reason: `${JSON.stringify(name.value)} is none of a project` },
      ],
    };
  if (!pure.test(backend.value)) {
    const reason = `${backend.value} makes a wheel for each platform: declare them in extraArtifacts, and pypiProject()`;
    return { left: [{ file: path, line: backend.line, what: "build-backend", reason }] };
  }
  const folder = folderOf(path);
  const file = name.value.toLowerCase().replaceAll(/[-_.]+/g, "_");
  const version = "${pythonVersionOf(version)}";
  const output = (ending: string): Code => expression(`\`${file}-${version}${ending}\``, "pythonVersionOf");
  const artifact = fieldsOf({
    directory: folder === "." ? undefined : folder,
    command: ["python3", "-m", "build", "--outdir", "{output}"],
    sources: ["pyproject.toml", "README*", "src/**/*", `${file}/**/*`],
    outputs: [output("-py3-none-any.whl"), output(".tar.gz")],
  });
  const from = { file: path, line };
  return {
    entries: [{ section: "extraArtifacts", name: file, fields: artifact, needs: "pypiToken", from }],
    channels: [
      {
        call: "pypiProject",
        fields: [
          { name: "project", value: name.value },
          { name: "artifacts", value: file },
          { name: "token", value: expression("pypiToken") },
        ],
        needs: [{ key: "pypiToken", value: undefined, comment: "A secret, which may upload to PyPI" }],
        from,
      },
    ],
    left: [
      {
        file: path,
        line,
        what: "version",
        reason: "is that of the wheel: it has to be the release's, e.g. by a gate, or dynamic",
      },
    ],
  };
}
