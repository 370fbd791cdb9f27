export { type EventSchema, type FieldSchema, type FieldType, type TimeFormat, fieldIndex } from './schema.ts';
export { Dictionary } from './dictionary.ts';
export { type Column, type ColumnSet, EventBatch, type FieldValue, appendObject, fieldValue } from './event-batch.ts';
