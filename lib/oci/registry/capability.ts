/** What a registry says of something that not every registry can: that it can, that it cannot, or neither. */
export type Capability = "yes" | "no" | "not allowed" | "not known";
