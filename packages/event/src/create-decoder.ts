/** The byte decoder of a format. */
import { unreachable } from '@tidemark/core';
import { CsvDecoder } from './csv-decoder.ts';
import { JsonDecoder } from './json-decoder.ts';
import { NdjsonDecoder } from './ndjson-decoder.ts';
import type { DecoderOptions, RecordDecoder } from './record-decoder.ts';
import type { EventSchema } from './schema.ts';

export type RecordFormat = 'ndjson' | 'csv' | 'json';

/** Errors: InvariantViolation where the time field or a key field is no field of the schema, or time is no `int`. */
export function createDecoder(format: RecordFormat, schema: EventSchema, options: DecoderOptions = {}): RecordDecoder {
  switch (format) {
    case 'ndjson': return new NdjsonDecoder(schema, options);
    case 'csv': return new CsvDecoder(schema, options);
    case 'json': return new JsonDecoder(schema, options);
    default: return unreachable(format);
  }
}
