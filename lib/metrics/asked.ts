import * as z from "zod";

/** A repository of GitHub, and what of it is looked at. */
const github = z.strictObject({
  repository: z.string(),
  endpoint: z.string(),
  workflows: z.array(z.string()),
  branch: z.string().optional(),
  feedback: z.array(z.string()),
});

const countedPackage = z.strictObject({
  registry: z.enum(["npm", "pypi", "homebrew", "homebrew-cask"]),
  name: z.string(),
  platform: z.string().optional(),
});

const asked = z.strictObject({
  /** Repositories of images, as `host/path`; of those that mirror each other the main one first. */
  images: z.array(z.strictObject({ image: z.string(), repositories: z.array(z.string()) })),
  github: github.optional(),
  packages: z.array(countedPackage),
  addresses: z.strictObject({
    dockerHub: z.string(),
    quay: z.string(),
    npm: z.string(),
    pypi: z.string(),
    homebrew: z.string(),
  }),
});

/** Whose numbers a distribution wants, and where they are read: what it has in the state of its stack. */
export type AskedMetrics = z.infer<typeof asked>;

/** A repository of GitHub, and what of it is looked at. */
export type AskedGitHub = z.infer<typeof github>;

/** A package of a registry that tells downloads. */
export type CountedPackage = z.infer<typeof countedPackage>;

/** Reads what {@link AskedMetrics} was written as. @throws Error for what is none, such as that of another release of Slipway */
export function parseAsked(value: unknown): AskedMetrics {
  return asked.parse(value);
}

/** Where the public services answer. */
export const publicAddresses: AskedMetrics["addresses"] = {
  dockerHub: "https://hub.docker.com",
  quay: "https://quay.io",
  npm: "https://api.npmjs.org",
  pypi: "https://pypistats.org",
  homebrew: "https://formulae.brew.sh",
};
