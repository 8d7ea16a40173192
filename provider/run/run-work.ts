import type { DoneStep } from "../../lib/display/run-summary";
import { ofRun } from "./run";

/** What a run has done so far, a step a resource; nothing of what it only looked at. */
export const workOf = ofRun((): DoneStep[] => []);
