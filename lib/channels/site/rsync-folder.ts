const destination =
  /^(?:[A-Za-z_][\w.-]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):[\w./~+][\w./~+@-]*$/;

/** @throws Error for what is no folder of another machine */
export function checkRsyncFolder(to: string): void {
  if (destination.test(to)) return;
  throw new Error(
    `${JSON.stringify(to)} is no folder of a machine that ssh gets to (a valid example: "deploy@web.acme.example:/srv/apt")`,
  );
}
