import { UNKNOWN } from "../pack/declared";
import type { Rule } from "../pack/rule";
import { asList, asText } from "../reading/values";

/** What is never built again has the vulnerabilities of the day on which it was built. */
export const nothingOverdue: Rule = {
  name: "nothing-overdue",
  description:
    "Checks that published images were built again, and the digests of their bases taken anew, as often as the program declares it.",
  remedy:
    "Publish the newest version again with `rebuilt`, and take the digests anew with `npx slipway refresh`: schedules of a rendered workflow do both.",
  level: "advisory",
  severity: "medium",
  looksAt: ["cadence", "cadences"],
  types: ["slipway:release:Cadence"],
  check: ({ name, props }) => {
    const what = `cadence of ${name}`;
    if (props.overdue === UNKNOWN || props.overdue === undefined) return [{ what, later: true }];
    const overdue = asList(props.overdue).flatMap((sentence) => asText(sentence) ?? []);
    if (overdue.length === 0) return [{ what }];
    return overdue.map((sentence) => ({ what, finding: `is not kept: ${sentence}` }));
  },
};
