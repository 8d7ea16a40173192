import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { gitFilesDefinition } from "../../resources/definitions/git-files";
import { inputText } from "./call-arguments";

/** Another git repository that documents are committed to. */
export interface DocumentRepository {
  /**
   * An https or ssh address, or a folder relative to the project's. One below `.slipway/` is made where it is not there.
   */
  remote: string;
  /** Branch; made where there is none. Default: `main`. */
  branch?: string | undefined;
  /** Who the commits are by. */
  author: { name: string; email: string };
  /** Token for an https address; kept a secret. Default: git's own credentials on this machine. */
  token?: pulumi.Input<string> | undefined;
  /** Private key that signs the commits, of OpenPGP or SSH; kept a secret. Default: they are not signed. */
  signingKey?: pulumi.Input<string> | undefined;
  /** Passphrase of an OpenPGP key; kept a secret. Default: it has none. */
  signingPassphrase?: pulumi.Input<string> | undefined;
  /**
   * A file of the branch that says which version it has, and a regular expression, by lines, whose first group is that. Runs that keep
   * no state, and other stacks, know by it what is there. Default: the version that this stack has last committed.
   */
  versionIn?: { file: string; pattern: string } | undefined;
}

const { remote, branch, author } = gitFilesDefinition.inputs.shape;
const version = gitFilesDefinition.inputs.shape.version.unwrap();

/** Its shape. */
export const documentRepository = z
  .strictObject({
    remote,
    branch,
    author,
    token: inputText.optional(),
    signingKey: inputText.optional(),
    signingPassphrase: inputText.optional(),
    versionIn: z
      .strictObject({
        file: version.shape.file.unwrap(),
        pattern: version.shape.pattern.unwrap(),
      })
      .optional(),
  })
  .meta({
    examples: [
      {
        remote: "https://github.com/acme/website.git",
        author: { name: "Acme releases", email: "releases@acme.example" },
      },
    ],
  });

/** Branch of a repository, in one text: the place of documents. */
export function placeOfRepository({ remote: address, branch: name = "main" }: DocumentRepository): string {
  return `${address} (branch ${name})`;
}
