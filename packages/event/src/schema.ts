/**
 * What an event looks like: the flat, typed fields that conditions and outputs may name.
 *
 * Always  field names are unique; exactly one field is the time field and its column is `int`,
 *         epoch milliseconds, whatever the source's notation was; `optional` says that an event may lack
 *         the field (or carry null there), which a condition asks with has(event.f).
 * Not here: nested values. A source's field that is no scalar is not decoded into a column.
 */
export type FieldType = 'string' | 'double' | 'int' | 'bool';

/** How the time field is written in the source. Times without a zone are read as UTC. */
export type TimeFormat = 'epoch-ms' | 'epoch-s' | 'epoch-us' | 'iso8601' | 'datetime';

export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  readonly optional?: boolean | undefined;
}

export interface EventSchema {
  readonly fields: readonly FieldSchema[];
  readonly time: { readonly field: string; readonly format: TimeFormat };
}

export const fieldIndex = (schema: EventSchema, name: string): number =>
  schema.fields.findIndex((field) => field.name === name);
