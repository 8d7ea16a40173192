import type { ResourceHandler } from "../resource";
import { attestationHandler } from "./attestation";
import { checkHandler } from "./check";
import { commandHandler } from "./command";
import { imageHandler } from "./image";
import { indexHandler } from "./index-of-manifests";
import { mirrorHandler } from "./mirror";
import { mirrorGateHandler } from "./mirror-gate";
import { provenanceHandler } from "./provenance";
import { tagHandler } from "./tag";
import { tagsHandler } from "./tags";

/** The handler of each resource type, by its token. */
export const handlers: ReadonlyMap<string, ResourceHandler> = new Map(
  [
    attestationHandler,
    checkHandler,
    commandHandler,
    imageHandler,
    indexHandler,
    mirrorHandler,
    mirrorGateHandler,
    provenanceHandler,
    tagHandler,
    tagsHandler,
  ].map((handler) => [handler.definition.token, handler as unknown as ResourceHandler]),
);
