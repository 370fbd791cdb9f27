import { documentWiring, type WireJob } from '@tidemark/cluster';
import { MemoryByteSource } from '@tidemark/connectors';
import type { PlannedFault } from '@tidemark/faults';
import { type JobDocument, type JobDocumentInput, zJobDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { type WorldResult, runWorld } from './world.ts';

interface Line { readonly matchId: string; readonly pattern: string; readonly kind: string; readonly start: number; readonly end: number; readonly positions: Readonly<Record<string, readonly string[]>> }

const stage = (name: string, is: string) => ({ type: 'ATOMIC' as const, id: name, name, condition: { type: 'CEL' as const, expression: `event.name == '${is}'` } });
const window = (size: number) => ({ type: 'FIRST_AND_LAST' as const, time: { unit: 'MILLISECONDS' as const, size } });

/** An event each second; their own times run backwards by days. */
const EVENTS = ['a', 'x', 'x', 'a', 'b', 'x', 'x', 'a'].map((name, index) => JSON.stringify({ t: (100 - index) * 86_400_000, name })).join('\n');

const document = (timeDomain: 'EVENT_TIME' | 'PROCESSING_TIME'): JobDocument => zJobDocument.parse({
  format: 'tidemark-job', version: 1, id: 'clock', name: 'clock', timeDomain,
  schema: { fields: [{ name: 't', type: 'int' }, { name: 'name', type: 'string' }], time: { field: 't', format: 'epoch-ms' } },
  source: { kind: 'file', path: 'events', format: 'ndjson', rate: { kind: 'per-second', events: 1 } },
  patterns: [
    { id: 'pair', name: 'pair', nodes: [stage('a', 'a'), stage('b', 'b')], edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }], window: window(1_500), output: { timedOut: true } },
    { id: 'absence', name: 'absence', nodes: [stage('a', 'a'), stage('b', 'b')], edges: [{ source: 'a', target: 'b', type: 'NOT_FOLLOW' }], window: window(2_500) },
  ],
  checkpointing: { intervalMs: 200 }, restart: { kind: 'fixed-delay', delayMs: 20 },
} as JobDocumentInput);

const wireDocument = documentWiring(() => new MemoryByteSource(new TextEncoder().encode(EVENTS)));
const wire: WireJob = (spec) => wireDocument({ ...spec, sourcePath: 'events' });
const run = (timeDomain: 'EVENT_TIME' | 'PROCESSING_TIME', faults: readonly PlannedFault[] = []): Promise<WorldResult> => runWorld({
  seed: 5, document: document(timeDomain), wire, workers: 2, faults, broken: null, trace: null,
  machine: { linkDelayMs: 2, diskDelayMs: 1, diskErrors: 0, closeDelayMs: 5 },
});
const linesOf = (result: WorldResult): Line[] => result.lines.map((line) => JSON.parse(line) as Line);
const brief = ({ pattern, kind, positions }: Line): string => `${pattern} ${kind} ${Object.values(positions).flat().join(' ')}`;

describe('a job by processing time', () => {
  it('[SM5] counts events as they are read, and lets windows end by the clock, not by the next event', async () => {
    const byEvents = await run('EVENT_TIME');
    expect(linesOf(byEvents).every(({ kind }) => kind === 'late' || kind === 'timed-out' || kind === 'match')).toBe(true);
    expect(linesOf(byEvents).filter(({ kind }) => kind === 'late').length).toBeGreaterThan(5);

    const result = await run('PROCESSING_TIME');
    expect([result.state, result.violations]).toEqual(['FINISHED', []]);
    const lines = linesOf(result);
    // a at 0 s has no b; that of 3 s has it after a second; the last one waits when the input ends, and time with it
    expect(lines.map(brief).sort()).toEqual(['absence match 0:0', 'pair match 0:3 0:4', 'pair timed-out 0:0']);
    const of = (pattern: string, kind: string): Line => lines.find((line) => line.pattern === pattern && line.kind === kind) as Line;
    expect(of('absence', 'match').end - of('absence', 'match').start).toBe(2_500);
    expect(of('pair', 'timed-out').end - of('pair', 'timed-out').start).toBe(1_500);
    const { start, end } = of('pair', 'match');
    expect(Math.abs(end - start - 1_000)).toBeLessThan(100);
    expect(start).toBeGreaterThan(1_600_000_000_000);
  });

  it('[SM5] a replay may give other lines, but none twice: ids stay those of the events, and nothing is late', async () => {
    for (let afterMs = 300; afterMs < 7_000; afterMs += 450) {
      const result = await run('PROCESSING_TIME', [{ kind: 'kill-worker', afterMs, lastsMs: 0 }, { kind: 'kill-runtime', afterMs: 800, lastsMs: 0 }]);
      expect([result.state, result.violations]).toEqual(['FINISHED', []]);
      const lines = linesOf(result);
      expect(new Set(lines.map(({ matchId }) => matchId)).size).toBe(lines.length);
      expect(new Set(lines.map(brief)).size).toBe(lines.length);
      expect(lines.filter(({ kind }) => kind === 'late')).toEqual([]);
      for (const line of lines) expect(line.end).toBeGreaterThanOrEqual(line.start);
    }
  });
});
