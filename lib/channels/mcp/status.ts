/** Life of a version: who looks for servers is warned of one that is deprecated, and not shown one that is deleted. */
export const serverStatuses = ["active", "deprecated", "deleted"] as const;

export type ServerStatus = (typeof serverStatuses)[number];
