import { freePort, startServer, type ServerProcess } from "./processes";
import { toolPath } from "./tools";

/** A static host that is not ours: Python's, which serves a folder as it is. */
export async function startStaticServer(folder: string): Promise<ServerProcess & { url: string }> {
  const port = await freePort();
  const args = ["-m", "http.server", String(port), "--bind", "127.0.0.1", "--directory", folder];
  const server = await startServer(toolPath("python3"), args, port);
  return { ...server, url: `http://127.0.0.1:${port}` };
}
