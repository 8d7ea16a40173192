import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import type { ResourceDefinition } from "./definitions/definition";

/** A value, or an output of another resource, at every level. */
export type DeepInput<T> = pulumi.Input<
  T extends readonly (infer U)[] ? DeepInput<U>[] : T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T
>;

/** Arguments of a resource: the inputs of its definition without those that the provider computes. */
type ArgumentsOf<D> =
  D extends ResourceDefinition<infer I, z.ZodObject, string, infer C>
    ? { [K in keyof Omit<z.infer<I>, C | "evidenceDigest">]: DeepInput<z.infer<I>[K]> }
    : never;

/** Observed properties of a resource. */
type OutputsOf<D> = D extends ResourceDefinition<z.ZodObject, infer O> ? z.infer<O> : never;

/** What a class has to declare of its definition's outputs: all of them, with their types. None have no names at all. */
export type ObservedProperties<D> = {
  readonly [K in keyof OutputsOf<D> as string extends K ? never : K]-?: pulumi.Output<OutputsOf<D>[K]>;
};

/**
 * Properties for the SDK's constructor: the arguments, and the outputs as undefined, which makes the SDK provide them as
 * outputs of the resource. The compiler compares both with the definition, and finds an output that is missing.
 */
export function properties<D>(
  outputs: Readonly<Record<keyof OutputsOf<D>, undefined>>,
  args: ArgumentsOf<D>,
): Record<string, unknown> {
  return { ...outputs, ...args };
}

/**
 * Options of a resource that publishes: what is published stays when the resource leaves the program, and the preview
 * says so. Only a declared retention deletes.
 */
export function retained(options: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions({ retainOnDelete: true }, options);
}
