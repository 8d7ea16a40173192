import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import type { ResourceDefinition } from "./definitions/definition";

/** A value, or an output of another resource, at every level. */
export type DeepInput<T> = pulumi.Input<
  T extends readonly (infer U)[] ? DeepInput<U>[] : T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T
>;

/** Arguments of a resource: the inputs of its definition without those that the provider computes. */
export type ArgumentsOf<D, Computed extends string = never> =
  D extends ResourceDefinition<infer I, z.ZodObject>
    ? { [K in keyof Omit<z.infer<I>, Computed | "evidenceDigest">]: DeepInput<z.infer<I>[K]> }
    : never;

/** Observed properties of a resource. */
export type OutputsOf<D> = D extends ResourceDefinition<z.ZodObject, infer O> ? z.infer<O> : never;

/**
 * Properties for the SDK's constructor: the arguments, and the outputs as undefined, which makes the SDK provide them
 * as outputs of the resource. The names are checked against the definition by the compiler.
 */
export function withOutputs<D>(
  args: object,
  names: readonly (keyof OutputsOf<D> & string)[],
): Record<string, unknown> {
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), ...args };
}

/**
 * Options of a resource that publishes: what is published stays when the resource leaves the program, and the preview
 * says so. Only a declared retention deletes.
 */
export function retained(options: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions({ retainOnDelete: true }, options);
}
