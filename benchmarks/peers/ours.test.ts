/** Our side of the comparison with peers cannot rot: all forms read the same bytes and say the same, round after round. */
import { describe, expect, it } from 'vitest';
import { Contender, OutOfTime } from './contender.ts';
import { type PeerTask, floodTask, pairTask, stagesTask } from './input.ts';
import { ourRun } from './ours.ts';

describe('Tidemark beside peers', () => {
  it.each([pairTask(2_000), stagesTask(50, 0.5, 700), floodTask(100, 0.02, 700)].map((task) => [task.name, task] as const))('%s: bytes, objects and columns give the same, over several passes', (_, task: PeerTask) => {
    const bytes = task.bytes();
    const forms = [...(['NDJSON', 'objects', 'columns'] as const), ...(task.keyed ? ['J' as const, 'JO' as const] : [])];
    const runs = forms.map((form) => ourRun(form, task, bytes));
    let matches = 0;
    for (const events of [500, 1_300, 2_600]) {
      const answers = runs.map((run) => {
        run.round(events, () => undefined);
        return run.answer();
      });
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]?.late).toBe(0);
      expect(answers[0]?.matches).toBeGreaterThan(matches - 1);
      matches = answers[0]?.matches ?? 0;
    }
    expect(matches).toBeGreaterThan(10);
  });

  it('a contender that does not answer in its time box is ended, and one that dies says so', async () => {
    const silent = new Contender('silent', process.execPath, ['-e', 'console.log(JSON.stringify({ progress: 7 })); setInterval(() => undefined, 1000)']);
    await expect(silent.ready(400)).rejects.toThrow(OutOfTime);
    const dead = new Contender('dead', process.execPath, ['-e', 'console.error("no such jar"); process.exit(3)']);
    await expect(dead.ready(20_000)).rejects.toThrow(/ended with 3: no such jar/);
  });
});
