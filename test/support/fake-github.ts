export { Answer, failed, primaryLimit, secondaryLimit } from "./fake-github/answer";
export type { FakeRelease, FakeRepository } from "./fake-github/repository";
export { FakeGitHub, type FakeFault, type FakeRequest } from "./fake-github/server";
export { decide } from "./fake-github/pull-operations";
