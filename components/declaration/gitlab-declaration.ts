import * as z from "zod";
import {
  inputName,
  jobFields,
  key,
  manualInput,
  pathInRepository,
  secret,
  statusFields,
  words,
} from "./workflow-declaration";

/** What programs say of the pipeline of GitLab that runs them in CI. */

/** Names and patterns, as they stand in an expression of a rule. */
const globs = z
  .array(
    z
      .string()
      .regex(/^[\w./*+@-]+$/, "a branch, a tag or a pattern is expected")
      .meta({ examples: ["v*"] }),
  )
  .min(1);

/** An image by its digest: what a tag points to tomorrow is not what was looked at today. */
const pinnedImage = z
  .string()
  .regex(
    /^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/,
    "an image by its digest is expected, NAME:TAG@sha256:DIGEST",
  )
  .meta({
    examples: [
      "docker.io/library/node:24-trixie@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    ],
  });

/** Arguments of `gitlabCi()`. */
export const gitlabCiArguments = z
  .strictObject({
    ...jobFields,
    /** Image of the jobs, by digest: with bash, git, curl, OpenSSL and Node 22.18 or newer, and Docker's client where images are built from Dockerfiles. */
    image: pinnedImage,
    /** Image of the service that builds Dockerfiles, by digest, e.g. `docker:29-dind@sha256:…`. */
    docker: pinnedImage.optional(),
    /** Branches whose merge requests are built, proven and compared; nothing is ever pushed of them. */
    mergeRequests: globs.optional(),
    /** Branches that are published when somebody pushes to them. */
    branches: globs.optional(),
    /** Tags of versions, as patterns, that are released when they are pushed. */
    tags: globs.optional(),
    /** Starts by hand, by the API or a trigger: inputs by name, or `true` for `version` and `environment`. */
    manual: z.union([z.literal(true), z.record(inputName, manualInput)]).optional(),
    /** What schedules of the project may ask for, by the variable `SLIPWAY_SCHEDULE`. */
    schedules: z
      .strictObject({
        /** `nightly`: builds the default branch, without version and branch, as `channelTags()` names it. */
        nightly: z.boolean().optional(),
        /** `rebuild`: builds the latest stable version again, on bases as they are then, with `rebuilt`. */
        rebuild: z.boolean().optional(),
        /** `refresh`: takes the digests of bases in the `lock` anew, and says what has moved. */
        refresh: z.boolean().optional(),
      })
      .optional(),
    /** Looks at what is served for schedules that have the variable `SLIPWAY_SCHEDULE` with `status`. Default: none. */
    status: z.union([z.literal(true), z.strictObject(statusFields)]).optional(),
    /** Configuration of its runs, over that of the stack. */
    set: z.record(key, words).optional(),
    /** File of the pipeline in the repository. Default: `.gitlab-ci.yml`. */
    file: z
      .string()
      .regex(pathInRepository, "a file of the repository is expected")
      .regex(/\.ya?ml$/, "a file that ends in .yml is expected")
      .meta({ examples: [".gitlab/release.yml"] })
      .optional(),
    /** Variable with a token that may write comments (scope `api`). Default: the diff is an artifact, and no comment. */
    comment: secret.optional(),
    /**
     * Variable with a token that may push branches (scope `write_repository`), for a merge request with the refreshed
     * lock, and for the `history` of `status`. Default: the lock is an artifact, and no merge request.
     */
    propose: secret.optional(),
    /** Tags of the runners that take the jobs. Default: any runner. */
    runnerTags: z.array(words).min(1).optional(),
    /** Environment of GitLab for jobs that publish: there it is said who may deploy. Default: none. */
    deployment: words.optional(),
    /** Minutes after which a job is ended. Default: 60. */
    timeoutMinutes: z.int().min(1).max(1440).optional(),
  })
  .refine(
    ({ mergeRequests, branches, tags, manual, status, schedules = {} }) =>
      [mergeRequests, branches, tags, manual, status].some((one) => one !== undefined) ||
      Object.values(schedules).includes(true),
    "nothing starts it: mergeRequests, branches, tags, manual, schedules or status is expected",
  );

/** Arguments of `gitlabCi()`. */
export type GitlabCiArgs = z.input<typeof gitlabCiArguments>;
