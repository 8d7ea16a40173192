import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { parseReference } from "../oci/reference";
import { externalImagePurl, imagePurl } from "./purl";
import type { BaseImageName } from "./subject";

/** Returns how a base image stands in a document; undefined where the image names none. */
export function baseReference(
  base: BaseImageName | undefined,
): { name: string; digest?: string; purl?: string } | undefined {
  if (!base) return undefined;
  const { name, digest } = base;
  if (name === undefined)
    return digest ? { name: "base", digest, purl: imagePurl("base", digest) } : undefined;
  const purl = externalImagePurl({ ...parseReference(name), digest: nonEmpty(digest) });
  return defined({ name, digest: nonEmpty(digest), purl });
}
