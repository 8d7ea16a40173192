/** A plain value as JSON has it; texts in it can be known later only. */
export type Plain = unknown;

/** What an `image` field has, by its text; undefined where it stays. */
type ImageOf = (text: string, path: string) => Record<string, unknown> | undefined;

/**
 * Returns a value in which each object with a field `image` that is a text has other fields, as a
 * service of compose and a container of Kubernetes do.
 *
 * @param fieldsFor the fields that take the place of `image`, in the order of the object
 */
export function withImages(value: Plain, fieldsFor: ImageOf, path = ""): Plain {
  if (Array.isArray(value))
    return value.map((item, index) => withImages(item, fieldsFor, `${path}[${index}]`));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const at = path === "" ? name : `${path}.${name}`;
      const fields = name === "image" && typeof field === "string" ? fieldsFor(field, at) : undefined;
      // What is written out beside it counts.
      return fields === undefined
        ? [[name, withImages(field, fieldsFor, at)] as const]
        : Object.entries(fields).filter(([other]) => other === "image" || !(other in value));
    }),
  );
}

/** The images that a value names, with the paths of their fields. */
export function imagesIn(value: Plain): { image: string; path: string }[] {
  const found: { image: string; path: string }[] = [];
  withImages(value, (image, path) => {
    found.push({ image, path });
    return undefined;
  });
  return found;
}

/** Whether a text is a name of the declaration; a reference has a slash, a tag, a digest or a variable. */
export function isImageName(text: string): boolean {
  return !/[/:@$]/.test(text);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
