import { failure, notAsked, ok, type Answer } from "../../../lib/doctor/finding";
import { indexRules, pypi } from "../../../lib/channels/pypi/index-rules";
import { PackageIndex } from "../../../lib/channels/pypi/package-index";
import { pypiReleaseDefinition } from "../../../resources/definitions/pypi-release";
import type { DoctorCheck } from "../check";

/** Indexes of Python packages: whether they answer, and whether the project's name is free, ours or somebody's. */
export const pypiCheck: DoctorCheck = {
  name: "PyPI",
  order: 71,
  questions: ({ declared }) =>
    declared.of(pypiReleaseDefinition, "project", "index").map(({ inputs, former }) => ({
      about: `${new URL((inputs.index ?? pypi).simple).host} ${inputs.project}`,
      ask: async (signal): Promise<Answer[]> => {
        const index = inputs.index ?? pypi;
        const upload = new URL(index.upload);
        const opened = new PackageIndex({
          simple: new URL(index.simple),
          upload,
          rules: indexRules(upload),
          signal,
        });
        try {
          const files = await opened.files(inputs.project);
          const name =
            files.length === 0
              ? ok("answers, and has no project of this name")
              : former?.project === inputs.project
                ? ok("the project is this stack's")
                : notAsked(
                    "has a project of this name; whether the token may add to it, only an upload says",
                  );
          const token =
            inputs.token === undefined
              ? failure(
                  "there is no token, and nothing can be uploaded",
                  'Give token, e.g. config.requireSecret("pypiToken").',
                )
              : notAsked("the token: an index has no request that looks at one and uploads nothing");
          return [name, token];
        } finally {
          await opened.close();
        }
      },
    })),
};
