/**
 * The chain of one level as built steps: each node of the drawing beside the step of Flink's Pattern API that it
 * makes. What the compiler's checks and the windows are read from.
 */
import { type PatternNode, durationMs } from './document.ts';
import type { ApiCall, ApiStep } from './pattern-api.ts';

export interface BuiltStep {
  readonly node: PatternNode;
  /** JSON path of the node. */
  readonly path: string;
  readonly api: ApiStep;
  readonly group: readonly BuiltStep[] | null;
}

export interface CallOptions {
  /** The node says greedy first and any combination afterwards, an order of calls that Flink does not refuse. */
  readonly greedyFirst?: boolean;
}

/** The calls that a node stands for, in the canonical order: where, quantifier, inner, greedy, optional, until, within. */
export function callsOf(node: PatternNode, options: CallOptions = {}): ApiCall[] {
  const calls: ApiCall[] = [];
  const { properties, times, consumingStrategy, untilCondition } = node.quantifier;
  if (node.condition && node.condition.expression.trim() !== '') calls.push(['where', node.condition.expression]);
  const windowMs = times?.windowTime ? durationMs(times.windowTime) : null;
  for (const property of properties) {
    if (property === 'LOOPING') calls.push(times ? ['timesOrMore', times.from, windowMs] : ['oneOrMore', null]);
    // one number for both is times(n): Flink checks that form otherwise than times(n, n)
    if (property === 'TIMES' && times) calls.push(times.from === times.to ? ['times', times.from, null, windowMs] : ['times', times.from, times.to, windowMs]);
  }
  const inner: ApiCall[] = consumingStrategy === 'STRICT' ? [['consecutive']] : consumingStrategy === 'SKIP_TILL_ANY' ? [['allowCombinations']] : [];
  const greedy: ApiCall[] = properties.includes('GREEDY') ? [['greedy']] : [];
  calls.push(...(options.greedyFirst ? [...greedy, ...inner] : [...inner, ...greedy]));
  for (const property of properties) if (property === 'OPTIONAL') calls.push(['optional']);
  if (untilCondition) calls.push(['until', untilCondition.expression]);
  if (node.window) calls.push(['within', durationMs(node.window.time), node.window.type]);
  return calls;
}

