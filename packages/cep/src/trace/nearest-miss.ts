/**
 * Nearest miss: the event that came closest to meeting a condition that no event meets.
 *
 * Closest is the event that meets most parts of the condition; among those, the one whose first failing comparison of
 * numbers is off by least, in relation to what was asked; else the first.
 *
 * Always  looks at the part of a condition that the event alone decides.
 */
import {
  type CheckedCondition, type Expression, compileCondition, compileKernel, compileValue, eventContext, formatExpression, splitCondition, walk,
} from '@tidemark/condition';
import type { EventBatch } from '@tidemark/event';
import { partsOf } from './condition-values.ts';

const COMPARISONS = new Set(['<', '<=', '>', '>=', '==']);
/** Rows whose distance is measured. */
const CANDIDATES_MAX = 20_000;

/** Row of the event, or -1 where the condition asks nothing of the event alone. */
export function nearestMiss(batch: EventBatch, condition: CheckedCondition, skips: (row: number) => boolean): number {
  const { eventOnly } = splitCondition(condition);
  if (eventOnly === null || batch.length === 0) return -1;
  const parts = partsOf(eventOnly.expression);
  const met = new Uint8Array(batch.length);
  const values = parts.map((part) => {
    const out = new Uint8Array(batch.length);
    compileKernel(asCondition(part), batch.schema)(batch, 0, batch.length, out);
    for (let row = 0; row < batch.length; row += 1) if (out[row] === 1) met[row] = (met[row] as number) + 1;
    return out;
  });
  let most = 0;
  for (let row = 0; row < batch.length; row += 1) if (!skips(row)) most = Math.max(most, met[row] as number);
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  const distances = parts.map((part) => distanceOf(part, batch));
  let candidates = 0;
  for (let row = 0; row < batch.length && candidates < CANDIDATES_MAX; row += 1) {
    if (met[row] !== most || skips(row)) continue;
    candidates += 1;
    const failing = values.findIndex((out) => out[row] !== 1);
    const distance = distances[failing]?.(row) ?? Number.MAX_VALUE;
    if (distance >= least) continue;
    least = distance;
    nearest = row;
  }
  return nearest;
}

function asCondition(part: Expression): CheckedCondition {
  const fields = new Set<number>();
  walk(part, (node) => { if (node.kind === 'field' || node.kind === 'has') fields.add(node.field); });
  return { text: formatExpression(part), expression: part, ast: part, type: part.type, fields: [...fields].sort((a, b) => a - b), stages: [] };
}

function distanceOf(part: Expression, batch: EventBatch): ((row: number) => number) | null {
  if (part.kind !== 'binary' || !COMPARISONS.has(part.operator) || !['int', 'double'].includes(part.operands.kind)) return null;
  const sides = [part.left, part.right].map((side) => compileValue({ text: '', expression: side, type: side.type, fields: [], stages: [] }, { stages: [] }));
  // A side without a value is no near miss.
  const whole = compileCondition(asCondition(part), { stages: [] });
  const context = eventContext(batch);
  return (row) => {
    context.row = row;
    if (whole.evaluate(context) === 2) return Number.MAX_VALUE;
    const [left, right] = sides.map((side) => side(context) as number) as [number, number];
    return Math.abs(left - right) / Math.max(1e-9, Math.abs(right));
  };
}
