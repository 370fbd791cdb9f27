export { type EventSchema, type FieldSchema, type FieldType, type TimeFormat, fieldIndex } from './schema.ts';
export { DICTIONARY_BYTES_MAX, DICTIONARY_TEXTS_MAX, Dictionary, hashBytes } from './dictionary.ts';
export { type Column, type ColumnSet, EventBatch, type FieldValue, appendObject, fieldValue } from './event-batch.ts';
export {
  type CsvHeader, type DeadLetter, type DeadLetterReason, type DecodeCursor, type DecoderOptions, RECORD_BYTES_MAX,
  type RecordDecoder, startCursor,
} from './record-decoder.ts';
export { type RecordFormat, createDecoder } from './create-decoder.ts';
export { timeOfNumber, timeOfText } from './time-text.ts';
export { ObjectWriter } from './object-writer.ts';
export { CodeMap, appendRow, codeMaps, copyCell } from './code-map.ts';
export { BatchDecoder, BatchEncoder } from './batch-frame.ts';
export {
  type FieldProposal, type KeyProposal, type SchemaProposal, type TimeProposal, detectFormat, inferSchema,
} from './infer-schema.ts';
