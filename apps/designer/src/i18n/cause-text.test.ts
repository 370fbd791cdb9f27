import { expect, it } from 'vitest';
import { causeText } from './cause-text.ts';

it('keeps the details of the runtime in English, as a sentence', () => {
  expect(causeText({ code: 'worker-lost', message: 'worker w1 (process 7) is gone', remedy: 'Wait' }, 'en')).toEqual({ message: 'Worker w1 (process 7) is gone.', remedy: 'Wait' });
});

it('speaks Chinese by code, and never says nothing', () => {
  expect(causeText({ code: 'worker-lost', message: 'x', remedy: null, workerId: 'w1' }, 'zh')).toEqual({ message: '工作进程 w1 失联。', remedy: null });
  expect(causeText({ code: 'toString', message: 'x', remedy: 'y' }, 'zh')).toEqual({ message: 'x', remedy: 'y' });
});
