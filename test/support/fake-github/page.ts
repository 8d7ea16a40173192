import { Answer } from "./answer";

/** The part of a list that a request asks for. */
export function page(items: object[], query: URLSearchParams): Answer {
  const size = Number(query.get("per_page") ?? 30);
  const number = Number(query.get("page") ?? 1);
  return new Answer(200, items.slice((number - 1) * size, number * size), {
    ...(number * size < items.length ? { "x-next-page": String(number + 1) } : {}),
  });
}
