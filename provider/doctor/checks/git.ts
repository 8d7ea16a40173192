import { notAsked, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { gitAddress, isEmbeddedRemote } from "../../../lib/git/remote";
import { RemoteBranch } from "../../../lib/git/remote-branch";
import { gitFilesDefinition } from "../../../resources/definitions/git-files";
import { hasUnknown } from "../../base/unknown";
import { forkAddress } from "../../git/proposal";
import type { DoctorCheck } from "../check";

/** Git repositories that files are committed to: whether they answer, have the branch, and would take a push. */
export const gitCheck: DoctorCheck = {
  name: "git",
  order: 60,
  questions: ({ declared, project }) =>
    declared.of(gitFilesDefinition, "remote", "branch", "pullRequest").map(({ inputs }) => ({
      about: inputs.remote,
      ask: async (signal): Promise<Answer[]> => {
        if (hasUnknown(inputs.token)) return [notAsked("the token is known only in a release")];
        const { remote, branch: name = "main", token } = inputs;
        if (isEmbeddedRemote(remote)) return [ok("is a folder of this checkout, made where it is not there")];
        const fork = forkAddress(inputs, project);
        const branch = await RemoteBranch.open(gitAddress(remote, project), name, { token, fork, signal });
        try {
          const head = await branch.head();
          const answers: Answer[] = [
            head === undefined
              ? warning(
                  `answers, and has no branch ${name}`,
                  "It is made by the first commit; correct `branch` if it should be there.",
                )
              : ok(`answers, and has the branch ${name}`),
          ];
          await branch.tryPush(fork);
          const to = fork === undefined ? "" : " of the fork";
          return [
            ...answers,
            ok(`takes a push${to} (git push --dry-run; rules of single branches do not show)`),
          ];
        } finally {
          await branch.close();
        }
      },
    })),
};
