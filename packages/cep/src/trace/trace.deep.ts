import { expect, it } from 'vitest';
import { randomStream } from '../../test/operator-under-test.ts';
import { operatorLines, tracedLines } from '../../test/trace-under-test.ts';

it('a trace gives what the operator gives on 20,000 random patterns and streams', () => {
  const different: number[] = [];
  let compared = 0;
  for (let seed = 2_000_000; compared < 20_000; seed += 1) {
    const stream = randomStream(seed);
    if (stream === null) continue;
    const engine = operatorLines(stream, { strategy: 'explicit' });
    const { lines, trace } = tracedLines(stream);
    if (!trace.summary.whole) continue;
    compared += 1;
    const same = engine.fault === null ? trace.summary.fault === null && lines.join('\n') === engine.lines.join('\n') : trace.summary.fault !== null;
    if (!same) different.push(seed);
  }
  expect(different).toEqual([]);
});
