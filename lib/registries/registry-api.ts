import * as z from "zod";
import { JsonApi, type JsonApiOptions } from "../json-api/json-api";
import { wordsOf } from "../text/answer-words";

/**
 * The API that a registry has beside the distribution protocol.
 *
 * @param place the registry in messages
 */
export function registryApi(place: string, options: JsonApiOptions): JsonApi {
  return new JsonApi(options, { of: `${place}'s API`, words: saidOf });
}

const severalErrors = z.looseObject({
  errors: z.array(z.looseObject({ message: z.string() })).min(1),
});
const quayError = z.looseObject({ error_message: z.string().min(1) });

/** What an error says: Harbor lists several, Quay has a field of its own, Docker Hub and others a `message` or `detail`. */
function saidOf(body: Buffer): string {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"));
    const several = severalErrors.safeParse(json);
    if (several.success) {
      return wordsOf(Buffer.from(several.data.errors.map(({ message }) => message).join("; ")));
    }
    const quay = quayError.safeParse(json);
    if (quay.success) return wordsOf(Buffer.from(quay.data.error_message));
  } catch {
    // A page, or a line of text.
  }
  return wordsOf(body);
}
