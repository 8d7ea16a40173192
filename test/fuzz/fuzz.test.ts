import * as fc from "fast-check";
import { properties } from "./properties";

/** The same inputs in every run; `npm run fuzz` takes others. */
const seed = 20261128;

/** For one property, in milliseconds; on a busy machine it ends with fewer inputs. */
const timeMs = 5_000;

describe(`what other people's bytes can do (seed ${seed})`, () => {
  for (const { name, runs, property } of properties) {
    it(`is bounded for ${name}`, () =>
      fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: timeMs, timeout: timeMs }));
  }
});
