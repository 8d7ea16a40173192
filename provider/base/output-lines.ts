import type { LineFilter } from "../../lib/command/command-spec";
import type { SecretTexts } from "../../lib/text/secret-texts";

/**
 * Most that is kept back for a secret that may go on in the next line, in characters: no secret has
 * more.
 */
const mostKept = 64 * 1024;

/**
 * Lines of a program without the secrets in them, those that go over the end of a line included.
 */
export class OutputLines implements LineFilter {
  private kept: string | undefined;

  constructor(
    private readonly secrets: SecretTexts,
    private readonly emit: (line: string) => void,
  ) {}

  push(line: string): void {
    const text = this.kept === undefined ? line : `${this.kept}\n${line}`;
    this.kept = text;
    // The start of a secret may be the end of this line.
    if (text.length > mostKept || !this.secrets.mayContinue(text)) this.end();
  }

  end(): void {
    if (this.kept === undefined) return;
    for (const line of this.secrets.blot(this.kept).split("\n")) this.emit(line);
    this.kept = undefined;
  }
}
