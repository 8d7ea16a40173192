import * as pulumi from "@pulumi/pulumi";
import {
  Checksums,
  Command,
  FileSignature,
  GitHubRelease,
  keyless,
  ReleaseDirectory,
  throwAwayKey,
} from "slipway";
import { version } from "../../package.json";

// What `npm pack` made and the change log are in `files/`, where the release workflow puts them.
const config = new pulumi.Config();
const tag = `v${version}`;
const packed = `slipway-${version}.tgz`;

const { files } = new Command("package", {
  directory: "files",
  command: `cp ${packed} "{output}/"`,
  sources: [packed],
  outputs: [packed],
});
const tarball = files.apply((made) => {
  const file = made[packed];
  if (!file) throw new Error(`${packed} is not among the files of the package`);
  return { name: packed, path: file.path, digest: file.digest };
});

const { artifact: sums } = new Checksums("sums", { path: "dist/SHA256SUMS", artifacts: [tarball] });

/** The identity of the release workflow; elsewhere, to try it, a throw-away key. */
const identity = config.get("identity");
const { signer } =
  identity === undefined
    ? throwAwayKey()
    : keyless({
        issuer: "https://token.actions.githubusercontent.com",
        identity,
        trustedRoot: "files/trusted_root.json",
      });
const { bundles, evidence } = new FileSignature("sums", {
  files: [{ path: sums.path, digest: sums.digest }],
  signer,
});
const bundle = bundles.apply(([made]) => {
  if (!made) throw new Error("SHA256SUMS has no signature");
  // Another run makes another signature of the same file.
  return {
    name: "SHA256SUMS.sigstore.json",
    path: made.bundle,
    digest: made.bundleDigest,
    replaceable: true,
  };
});

const content = {
  tag,
  title: `Slipway ${tag}`,
  notesFrom: { changelog: "files/CHANGELOG.md" },
  assets: [tarball, sums, bundle],
  evidence,
};
const repository = config.get("repository");
const target =
  repository === undefined
    ? new ReleaseDirectory("slipway", { ...content, directory: "public" })
    : new GitHubRelease("slipway", { ...content, repository });

export const released = target.tag;
