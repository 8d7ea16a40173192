export { Attestation, Provenance, type AttestationArgs, type ProvenanceArgs } from "./attestation";
export { Check, type CheckArgs } from "./check";
export { Command, type CommandArgs } from "./command";
export { Image, type ImageArgs } from "./image";
export { Index, type IndexArgs } from "./index-of-manifests";
export { Mirror, MirrorGate, type MirrorArgs, type MirrorGateArgs } from "./mirror";
export { Provider, type ProviderArgs } from "./provider";
export { Tag, type TagArgs } from "./tag";
export { Tags, type TagsArgs } from "./tags";
