import assert from "node:assert/strict";
import { FileTree, whiteoutOf } from "../../../lib/sbom/file-tree";

type Step = [kind: "file" | "link" | "dir" | "hard" | "other" | "hide", path: string, target?: string];

/**
 * Layers, and the files that a container would see: path and content, which is the layer's number
 * and the path.
 */
const cases: { title: string; layers: Step[][]; files: string[] }[] = [
  { title: "a file of a layer", layers: [[["file", "a/b"]]], files: ["a/b = 0:a/b"] },
  {
    title: "a file over one of a lower layer",
    layers: [[["file", "a"]], [["file", "a"]]],
    files: ["a = 1:a"],
  },
  {
    title: "a whiteout of a file",
    layers: [
      [
        ["file", "d/a"],
        ["file", "d/b"],
      ],
      [["hide", "d/.wh.a"]],
    ],
    files: ["d/b = 0:d/b"],
  },
  {
    title: "a whiteout of a directory",
    layers: [
      [
        ["file", "d/e/a"],
        ["file", "f"],
      ],
      [["hide", ".wh.d"]],
    ],
    files: ["f = 0:f"],
  },
  {
    title: "a whiteout that comes after what its own layer has there",
    layers: [
      [
        ["file", "d/a"],
        ["file", "d/b"],
      ],
      [
        ["file", "d/b"],
        ["hide", ".wh.d"],
      ],
    ],
    files: ["d/b = 1:d/b"],
  },
  {
    title: "an opaque directory, before and after its new content",
    layers: [
      [
        ["file", "d/a"],
        ["file", "d/e/b"],
        ["file", "c"],
      ],
      [
        ["file", "d/x"],
        ["hide", "d/.wh..wh..opq"],
        ["file", "d/y"],
      ],
    ],
    files: ["c = 0:c", "d/x = 1:d/x", "d/y = 1:d/y"],
  },
  {
    title: "an opaque root",
    layers: [
      [["file", "a"]],
      [
        ["hide", ".wh..wh..opq"],
        ["file", "b"],
      ],
    ],
    files: ["b = 1:b"],
  },
  {
    title: "a whiteout of what is not there",
    layers: [[["file", "a"]], [["hide", "x/.wh.y"]]],
    files: ["a = 0:a"],
  },
  {
    title: "a file in place of a directory",
    layers: [[["file", "d/a"]], [["file", "d"]]],
    files: ["d = 1:d"],
  },
  {
    title: "a directory in place of a file",
    layers: [
      [["file", "d"]],
      [
        ["dir", "d"],
        ["file", "d/a"],
      ],
    ],
    files: ["d/a = 1:d/a"],
  },
  {
    title: "a directory that is there already keeps its content",
    layers: [[["file", "d/a"]], [["dir", "d"]]],
    files: ["d/a = 0:d/a"],
  },
  {
    title: "a path through a link of a lower layer",
    layers: [
      [
        ["dir", "usr/lib"],
        ["file", "usr/lib/a"],
        ["link", "lib", "usr/lib"],
      ],
      [["file", "lib/a"]],
    ],
    files: ["usr/lib/a = 1:lib/a"],
  },
  {
    title: "a directory that takes the place of a link",
    layers: [
      [
        ["file", "usr/lib/a"],
        ["link", "lib", "usr/lib"],
      ],
      [
        ["dir", "lib"],
        ["file", "lib/a"],
      ],
    ],
    files: ["lib/a = 1:lib/a", "usr/lib/a = 0:usr/lib/a"],
  },
  {
    title: "absolute links, links with dots, and links that lead out of the image",
    layers: [
      [
        ["link", "x", "/d"],
        ["link", "y/z", "../d/."],
        ["link", "out", "../../../d"],
      ],
      [
        ["file", "x/1"],
        ["file", "y/z/2"],
        ["file", "out/3"],
      ],
    ],
    files: ["d/1 = 1:x/1", "d/2 = 1:y/z/2", "d/3 = 1:out/3"],
  },
  {
    title: "a whiteout through a link",
    layers: [
      [
        ["file", "usr/a"],
        ["link", "l", "usr"],
      ],
      [["hide", "l/.wh.a"]],
    ],
    files: [],
  },
  {
    title: "a hard link stays when the first name goes",
    layers: [
      [
        ["file", "a"],
        ["hard", "b", "a"],
      ],
      [["hide", ".wh.a"]],
    ],
    files: ["b = 0:a"],
  },
  {
    title: "a hard link to a file of a lower layer",
    layers: [[["file", "a"]], [["hard", "b", "a"]]],
    files: ["a = 0:a", "b = 0:a"],
  },
  { title: "a device hides a file", layers: [[["file", "a"]], [["other", "a"]]], files: [] },
  {
    title: "files are sorted by path",
    layers: [
      [
        ["file", "b"],
        ["file", "a/z"],
        ["file", "B"],
      ],
    ],
    files: ["B = 0:B", "a/z = 0:a/z", "b = 0:b"],
  },
];

describe("the files of an image, layer upon layer", () => {
  for (const { title, layers, files } of cases) {
    it(title, () => {
      const tree = new FileTree<string>();
      for (const [layer, steps] of layers.entries()) {
        for (const [kind, path, target = ""] of steps) {
          if (kind === "file") tree.addFile(path, layer, `${layer}:${path}`);
          if (kind === "link") tree.addLink(path, layer, target);
          if (kind === "dir") tree.addDirectory(path, layer);
          if (kind === "other") tree.addOther(path, layer);
          if (kind === "hard") assert.equal(tree.addHardLink(path, layer, target), true);
          const whiteout = whiteoutOf(path);
          assert.equal(whiteout !== undefined, kind === "hide");
          if (whiteout) tree.hide(whiteout, layer);
        }
      }
      assert.deepEqual(
        tree.files().map(([path, file]) => `${path} = ${file}`),
        files,
      );
    });
  }

  it("does not go round in circles of links", () => {
    const tree = new FileTree<string>();
    tree.addLink("a", 0, "b");
    tree.addLink("b", 0, "a");
    tree.addFile("a/file", 0, "x");
    assert.equal(tree.files().length, 1);
  });

  it("has no hard link to what is not there", () => {
    const tree = new FileTree<string>();
    tree.addDirectory("d", 0);
    assert.equal(tree.addHardLink("a", 0, "nothing"), false);
    assert.equal(tree.addHardLink("a", 0, "d"), false);
  });

  it("stays quick with many whiteouts in a large image", () => {
    const tree = new FileTree<number>();
    for (let index = 0; index < 50_000; index++) tree.addFile(`d/${index}`, 0, index);
    const begun = Date.now();
    for (let index = 0; index < 50_000; index++) tree.hide({ path: `d/${index}`, opaque: false }, 1);
    assert.deepEqual(tree.files(), []);
    assert.ok(Date.now() - begun < 2000, `${Date.now() - begun} ms`);
  });
});
