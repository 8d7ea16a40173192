import type { Vendor } from "./vendor";

/**
 * A registry behind a proxy that passes on the name it was asked for, and not the port: uploads are
 * said to go on at the same host without the port.
 * https://github.com/openshift/origin/issues/11337
 */
export const noPortLocation: Vendor = {
  name: "no-port-location",
  behavior: "leaves out its port in the addresses of uploads",
  source: "https://github.com/openshift/origin/issues/11337",
  behave:
    () =>
    async ({ headers, pass }) => {
      const answer = await pass();
      const { location } = answer.headers;
      if (typeof location !== "string" || headers.host === undefined) return answer;
      const name = headers.host.replace(/:\d+$/, "");
      return { ...answer, headers: { ...answer.headers, location: location.replace(headers.host, name) } };
    },
};
