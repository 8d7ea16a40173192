declare module "spdx-expression-parse" {
  /** @throws Error if a text is not an expression of the SPDX license list. */
  export default function parse(text: string): unknown;
}
