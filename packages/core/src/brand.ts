/** Nominal types over primitives: two numbers with different meanings cannot be confused. */
declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
