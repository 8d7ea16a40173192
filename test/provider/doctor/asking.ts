import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Finding } from "../../../lib/doctor/finding";
import { findOut } from "../../../lib/doctor/question";
import { SecretTexts } from "../../../lib/text/secret-texts";
import { Account } from "../../../provider/doctor/account";
import type { DoctorCheck } from "../../../provider/doctor/check";
import { Declared } from "../../../provider/doctor/declared";
import type { ProviderConfig } from "../../../resources/definitions/provider-config";

/** A resource of a program, as checks see it. */
export interface Given {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  readonly former?: Record<string, unknown>;
  readonly config?: ProviderConfig;
}

/** A folder in which checks are asked without a program and without an engine. */
export class AskingPlace {
  private readonly accounts: Account[] = [];

  private constructor(readonly project: string) {}

  static async open(): Promise<AskingPlace> {
    return new AskingPlace(await mkdtemp(path.join(tmpdir(), "slipway-doctor-")));
  }

  async close(): Promise<void> {
    await Promise.all(this.accounts.map((account) => account.close()));
    await rm(this.project, { recursive: true, force: true });
  }

  /** What a check finds of resources; those with one configuration have one account. */
  async ask(
    check: DoctorCheck,
    resources: readonly Given[],
    { limitSeconds = 20, env = process.env, pulumi = "v3.276.0" } = {},
  ): Promise<Finding[]> {
    const declared = new Declared();
    const accounts = new Map<string, Account>();
    for (const { type, inputs, former, config = {} } of resources) {
      const key = JSON.stringify(config);
      const account = accounts.get(key) ?? new Account(config, this.project, new SecretTexts());
      accounts.set(key, account);
      declared.add({ type, name: "one", inputs, former, account });
    }
    this.accounts.push(...accounts.values());
    const questions = check.questions({ declared, project: this.project, env, pulumi });
    return findOut(
      questions.map((question) => ({ check: check.name, ...question })),
      limitSeconds,
    );
  }
}

/** Findings in one line each, to be compared. */
export function lines(findings: readonly Finding[]): string[] {
  return findings.map(({ status, about, text }) => `${status}: ${about}: ${text}`);
}
