/**
 * A command that keeps one comment of a merge request up to date with a file. Its token is in the variable
 * `NOTE_TOKEN`.
 *
 * Source: GitLab, "Notes API", merge requests.
 *
 * @param file relative to the checkout
 */
export function commentScript(file: string): string {
  return [
    "node --input-type=module <<'END'",
    'import { readFileSync } from "node:fs";',
    "const { CI_API_V4_URL: api, CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: request, NOTE_TOKEN: token } = process.env;",
    'const mark = "<!-- slipway diff -->";',
    "const notes = `${api}/projects/${project}/merge_requests/${request}/notes`;",
    "const ask = async (url, method, body) => {",
    '  const headers = { "private-token": token, "content-type": "application/json" };',
    "  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });",
    "  if (!answer.ok) throw new Error(`${method} ${url}: HTTP ${answer.status} ${await answer.text()}`);",
    "  return answer;",
    "};",
    "let own;",
    'for (let page = "1"; page && !own; ) {',
    '  const answer = await ask(`${notes}?per_page=100&page=${page}`, "GET");',
    "  own = (await answer.json()).find(({ body }) => body.startsWith(mark));",
    '  page = answer.headers.get("x-next-page");',
    "}",
    `const body = \`\${mark}\\n\${readFileSync("${file}", "utf8")}\`;`,
    'await ask(own ? `${notes}/${own.id}` : notes, own ? "PUT" : "POST", { body });',
    "END",
    "",
  ].join("\n");
}
