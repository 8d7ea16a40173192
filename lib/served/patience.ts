/** How long an answer may take, in milliseconds. */
export const answerMs = 15_000;
