import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolPath } from "./tools";

/** A certificate for localhost and the authority that signed it, as files. */
export interface ServerCertificate {
  caFile: string;
  /** The authority in PEM. */
  ca: string;
  certificateFile: string;
  keyFile: string;
}

/**
 * Makes a certificate authority and a server certificate for `localhost`, `127.0.0.1` and another
 * name in a folder.
 */
export function makeCertificate(folder: string, name?: string): ServerCertificate {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(toolPath("openssl"), args, { stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    ...["req", "-x509", "-days", "2", "-subj", "/CN=Slipway test authority", ...key],
    ...["-keyout", file("ca.key"), "-out", file("ca.pem")],
  );
  openssl("req", "-subj", "/CN=localhost", ...key, "-keyout", file("server.key"), "-out", file("server.csr"));
  const names = ["DNS:localhost", "IP:127.0.0.1", ...(name === undefined ? [] : [`DNS:${name}`])];
  writeFileSync(file("names"), `subjectAltName=${names.join(",")}\n`);
  openssl(
    ...["x509", "-req", "-days", "2", "-in", file("server.csr"), "-CA", file("ca.pem")],
    ...["-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("names"), "-out", file("server.pem")],
  );
  return {
    caFile: file("ca.pem"),
    ca: readFileSync(file("ca.pem"), "utf8"),
    certificateFile: file("server.pem"),
    keyFile: file("server.key"),
  };
}
