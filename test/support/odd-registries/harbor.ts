import { refusal } from "./exchange";
import type { Vendor } from "./vendor";

/** Harbor before 2.8: 401 without a challenge for the path of the referrers API, which it does not know. */
export const harbor: Vendor = {
  name: "harbor",
  behavior: "answers 401 where the referrers API would be, whoever asks",
  source: "https://github.com/goharbor/harbor/issues/18305",
  signedIn: true,
  behave:
    () =>
    ({ kind, pass }) =>
      kind === "referrers" ? refusal(401, "UNAUTHORIZED", "unauthorized: unauthorized") : pass(),
};
