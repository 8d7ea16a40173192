import type { DoctorBundle, ExaminationOptions, Listener } from "../../lib/doctor/examination";
import type { RefreshedLock } from "../../lib/bases/refreshed-lock";
import type { Finding } from "../../lib/doctor/finding";
import { findOut } from "../../lib/doctor/question";
import { environmentSecrets } from "../../lib/text/environment-secrets";
import { SecretTexts } from "../../lib/text/secret-texts";
import { shownText } from "../../lib/text/shown";
import { version } from "../../package.json";
import { startServer } from "../server/server";
import type { Account } from "./account";
import { checks } from "./checks";
import { Declared } from "./declared";
import { NotingProvider } from "./noting-provider";
import { refreshLocks } from "./refresh-locks";

/** Starts a server that takes the provider's place. @param project absolute folder */
export const listen: DoctorBundle["listen"] = async (project) => {
  const secrets = new SecretTexts();
  for (const text of environmentSecrets(process.env)) secrets.addText(text);
  const declared = new Declared();
  const accounts: Account[] = [];
  const { port, close } = await startServer(
    () => new NotingProvider(version, project, secrets, declared, (account) => accounts.push(account)),
    () => undefined,
  );
  return {
    port,
    examine: (options) => examine(options, declared, secrets),
    refresh: () => refresh(project, declared, secrets),
    close: async () => {
      close();
      await Promise.all(accounts.map((account) => account.close()));
    },
  } satisfies Listener;
};

/** No message has a secret in it. */
async function refresh(project: string, declared: Declared, secrets: SecretTexts): Promise<RefreshedLock[]> {
  try {
    return await refreshLocks(declared, project, new Date(), new AbortController().signal);
  } catch (error) {
    // eslint-disable-next-line preserve-caught-error -- its own words may have a secret in them
    throw new Error(shownText((error as Error).message, secrets));
  }
}

async function examine(
  { project, pulumi, limitSeconds, before }: ExaminationOptions,
  declared: Declared,
  secrets: SecretTexts,
): Promise<Finding[]> {
  const examined = { declared, project, env: process.env, pulumi };
  const questions = [...checks]
    .sort((one, other) => one.order - other.order)
    .flatMap((check) => check.questions(examined).map((question) => ({ check: check.name, ...question })));
  const found = [...before, ...(await findOut(questions, limitSeconds))];
  const shown = (text: string) => shownText(text, secrets).replaceAll(/\s*\n\s*/g, " ");
  return found.map((finding) => ({
    ...finding,
    about: shown(finding.about),
    text: shown(finding.text),
    remedy: finding.remedy === undefined ? undefined : shown(finding.remedy),
  }));
}
