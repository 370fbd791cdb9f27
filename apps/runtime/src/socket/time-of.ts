/**
 * Event time of an event as it stands in an output line, for its card. Display only: what the engine reads is decoded
 * by packages/event.
 */
import type { EventSchema } from '@tidemark/event';
import type { MatchEventView } from '@tidemark/protocol';

const FACTOR = { 'epoch-ms': 1, 'epoch-s': 1_000, 'epoch-us': 0.001 } as const;

export function timeReader(schema: EventSchema | null): (fields: MatchEventView['fields']) => number | null {
  if (schema === null) return () => null;
  const { field, format } = schema.time;
  return (fields) => {
    const value = fields[field];
    if (typeof value === 'number') return format in FACTOR ? value * FACTOR[format as keyof typeof FACTOR] : value;
    if (typeof value !== 'string') return null;
    const zoned = /Z$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value.replace(' ', 'T')}Z`; // without a zone: UTC
    const time = Date.parse(zoned);
    return Number.isNaN(time) ? null : time;
  };
}
