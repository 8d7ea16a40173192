// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { pypiReleaseDefinition } from "./definitions/pypi-release";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link PypiRelease}. */
export type PypiReleaseArgs = {
  /** Name of the project in the index. Example: `"hello-world"`. */
  project: pulumi.Input<string>;
  /** Version, as Python writes it (PEP 440). Example: `"1.2.0rc1"`. */
  version: pulumi.Input<string>;
  /** All files of the version; PyPI takes no more of them after 14 days. */
  files: DeepInput<types.PypiFile[]>;
  /** Index. Default: PyPI, `https://pypi.org/simple` and `https://upload.pypi.org/legacy/`. */
  index?: DeepInput<types.PypiIndex | undefined>;
  /** User. Default: `__token__`, which goes with a token. */
  username?: pulumi.Input<string | undefined>;
  /** Token, or the user's password; a secret. It goes to the host of the uploads alone. */
  token?: pulumi.Input<string | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * All distribution files of one version of a Python project in an index such as PyPI: its wheels
 * and its sdist. A file that the index has with the same digest is left alone; one that it has with
 * another is refused before anything is uploaded, because a published file never changes. Wheels
 * are uploaded before the sdist. Another version is published beside the former one. Removing the
 * resource leaves the files. (`slipway:pypi:Release`)
 */
export class PypiRelease
  extends pulumi.CustomResource
  implements ObservedProperties<typeof pypiReleaseDefinition>
{
  /** Name of the project in the index. Example: `"hello-world"`. */
  declare readonly project: pulumi.Output<string>;
  /** Version, as Python writes it (PEP 440). Example: `"1.2.0rc1"`. */
  declare readonly version: pulumi.Output<string>;
  /** All files of the version; PyPI takes no more of them after 14 days. */
  declare readonly files: pulumi.Output<types.PypiFile[]>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Digest of each declared file that the index has, by name. */
  declare readonly published: pulumi.Output<Record<string, string>>;
  /** Files that were deleted and cannot be put back, because the index takes no file name twice. */
  declare readonly gone: pulumi.Output<string[]>;
  /** Files that installers pass over unless they are pinned, with the reason that was given. */
  declare readonly yanked: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: PypiReleaseArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      published: undefined,
      gone: undefined,
      yanked: undefined,
    };
    super(
      "slipway:pypi:Release",
      name,
      properties<typeof pypiReleaseDefinition>(outputs, args),
      retained(options),
    );
  }
}
