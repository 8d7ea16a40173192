import { connect } from "node:net";

/** What a connection that nobody answers is called, by its code. */
const silenceCode = "ETIMEDOUT";

/**
 * Opens a connection to a server and closes it again. The time that the name service takes does not
 * count, and neither does what comes after: a server that takes connections may be slow.
 *
 * @param limitMs milliseconds within which the server has to take it
 * @throws Error with the system's code, `ETIMEDOUT` where nobody answers
 */
export function knock(origin: URL, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = Number(origin.port || (origin.protocol === "http:" ? 80 : 443));
    const socket = connect({ host, port });
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      timer ??= setTimeout(() => {
        const error = new Error(`no answer from ${origin.host} within ${limitMs / 1000} s`);
        finish(() => reject(Object.assign(error, { code: silenceCode })));
      }, limitMs);
    };
    const finish = (end: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      end();
    };
    // The name has been looked up by then; of several addresses the first counts.
    socket.once("connectionAttempt", wait);
    socket.once("connect", () => finish(resolve));
    socket.once("error", (error) => finish(() => reject(error)));
  });
}
