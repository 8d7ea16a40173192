export { generateBuiltin, type GeneratedDocuments } from "./builtin";
export { type Description } from "./description";
export {
  emptyConfig,
  sbomFileName,
  sbomFormats,
  sbomMediaTypes,
  sbomPredicateTypes,
  sbomReferrer,
  type SbomFormat,
} from "./document";
export { type LayerSource } from "./layer-entries";
export { LayerMemory } from "./layer-memory";
export { SbomError } from "./sbom-error";
export { readSubject, type ImageSubject, type IndexSubject, type SbomSubject } from "./subject";
export { findSyft, generateWithSyft } from "./syft";
