import { refusal, type Behavior } from "./exchange";
import type { Vendor } from "./vendor";

function subjectOf(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString()) as { subject?: { digest?: string } }).subject?.digest;
  } catch {
    return undefined;
  }
}

const withoutApi: Behavior = ({ kind, pass }) =>
  kind === "referrers" ? refusal(404, "NOT_FOUND", "page not found") : pass();

/** Amazon ECR: manifests with a `subject` are refused. */
export const ecr: Vendor = {
  name: "ecr",
  behavior: "answers 405 to manifests that refer to another one",
  source: "https://github.com/aws/containers-roadmap/issues/2783",
  holdsReferrers: false,
  behave: () => (exchange) => {
    const { kind, method, body } = exchange;
    const isReferrer = kind === "manifests" && method === "PUT" && subjectOf(body) !== undefined;
    return isReferrer
      ? refusal(405, "UNSUPPORTED", "Invalid parameter at 'ImageManifest' failed to satisfy constraint")
      : withoutApi(exchange);
  },
};

/** Amazon ECR, later: the header that says that the registry lists the referrer, and no API. */
export const ecrSubjectHeader: Vendor = {
  name: "ecr-subject-header",
  behavior: "answers OCI-Subject without having the referrers API",
  source: "https://github.com/sigstore/sigstore-js/pull/1183",
  behave: () => async (exchange) => {
    const answer = await withoutApi(exchange);
    const subject =
      exchange.kind === "manifests" && exchange.method === "PUT" ? subjectOf(exchange.body) : undefined;
    return subject === undefined
      ? answer
      : { ...answer, headers: { ...answer.headers, "oci-subject": subject } };
  },
};
