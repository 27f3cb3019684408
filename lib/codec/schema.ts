import type { StandardSchemaV1 } from '@standard-schema/spec';

import { ConfigError } from '../core/errors.js';

/**
 * Whether a value is a Standard Schema, as zod, valibot and arktype make them, and not a `Decoder` or an option.
 *
 * @see https://standardschema.dev
 */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value;
}

/** The part of a decoder that names its schema. */
export interface SchemaPart<T> {
  readonly schema?: StandardSchemaV1<unknown, T>;
}

/**
 * Takes the schema a caller gave, or its absence.
 *
 * @throws ConfigError when it is something else
 */
export function schemaPart<T>(schema: StandardSchemaV1<unknown, T> | undefined, where: string): SchemaPart<T> {
  if (schema === undefined) return {};
  if (isStandardSchema(schema)) return { schema };
  throw new ConfigError(
    `${where}(schema)`,
    'not a Standard Schema: give one that zod, valibot or arktype made, or none',
  );
}
