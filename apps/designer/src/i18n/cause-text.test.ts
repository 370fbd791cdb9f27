import { readFileSync, readdirSync } from 'node:fs';
import { JobFault, eventTime } from '@tidemark/core';
import { CepOperator, type Limits } from '@tidemark/cep';
import { EventBatch, appendObject } from '@tidemark/event';
import { type CaseEvent, type CasePattern, type ValidatedJob, fromCase, validateDocument } from '@tidemark/pattern';
import { expect, it } from 'vitest';
import { causeText, checkpointFailureText } from './cause-text.ts';
import { CAUSES_ZH } from './zh/causes.ts';

it('keeps the details of the runtime in English, as a sentence', () => {
  expect(causeText({ code: 'worker-lost', message: 'worker w1 (process 7) is gone', remedy: 'Wait' }, 'en')).toEqual({ message: 'Worker w1 (process 7) is gone.', remedy: 'Wait' });
});

it('speaks Chinese by code, and never says nothing', () => {
  expect(causeText({ code: 'worker-lost', message: 'x', remedy: null, workerId: 'w1' }, 'zh')).toEqual({ message: '工作进程 w1 失联。', remedy: null });
  expect(causeText({ code: 'toString', message: 'x', remedy: 'y' }, 'zh')).toEqual({ message: 'x', remedy: 'y' });
});

/** Codes of faults that a job can end or restart with, from the sources of the rooms that make them. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  const rooms = ['packages/cep', 'packages/cluster', 'packages/connectors', 'apps/runtime'].map((room) => new URL(`../../../../${room}/src/`, import.meta.url));
  for (const room of rooms) {
    for (const name of readdirSync(room, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      const text = readFileSync(new URL(name, room), 'utf8');
      if (!/JobFault|FaultRecord|type LimitCode/.test(text)) continue;
      for (const [, first, second] of text.matchAll(/(?:\bcode: (?:\w+ \? )?|userFault\(|refused\()'([a-z]+(?:-[a-z]+)*)'(?: : '([a-z-]+)')?/g)) for (const code of [first, second]) if (code !== undefined) codes.add(code);
      for (const [, union] of text.matchAll(/type LimitCode = ([^;]+);/g)) for (const [, code] of (union as string).matchAll(/'([a-z-]+)'/g)) codes.add(code as string);
    }
  }
  // Answers to a request, which have words of their own: no job ends by them.
  for (const answer of ['bad-job-id', 'job-exists', 'job-runs', 'no-such-worker']) codes.delete(answer);
  return codes;
}

it('has Chinese words for every fault that a job can have', () => {
  const codes = codesInSources();
  expect(codes.size).toBeGreaterThan(25);
  expect([...codes].filter((code) => !Object.hasOwn(CAUSES_ZH, code)).sort()).toEqual([]);
});

const pair: CasePattern = { steps: [{ name: 'a', link: 'begin', where: "event.type == 'a'" }, { name: 'b', link: 'followedBy', where: "event.type == 'b'" }], within: { ms: 1_000 } };
function faultOf(pattern: CasePattern, events: readonly CaseEvent[], limits: Partial<Limits> = {}, watermark = events.length): JobFault {
  const made = fromCase(pattern, 'user', events);
  const job = (made.ok ? validateDocument(made.document, made.options).job : null) as ValidatedJob;
  const operator = new CepOperator(job, () => undefined, { limits: { partialMatchesPerJob: 1e6, partialMatchesPerKey: 1e6, matchesPerEvent: 1e6, stateBytesPerJob: 1e9, ...limits } });
  const batch = new EventBatch(job.schema, events.length);
  events.forEach((event, i) => appendObject(batch, event, event.ts as number, i));
  try {
    operator.processBatch(batch, eventTime(watermark));
  } catch (error) {
    if (error instanceof JobFault) return error;
    throw error;
  }
  throw new Error('no fault');
}
const many = (count: number): CaseEvent[] => Array.from({ length: count }, (_, i) => ({ ts: i + 1, type: 'a', user: 'u', n: i }));

it.each([
  [faultOf(pair, many(9), { partialMatchesPerKey: 3 }), '键 ["u"] 的部分匹配超过 3 个；大多停在 a 之后。'],
  [faultOf(pair, many(9), { partialMatchesPerJob: 3 }), '作业的部分匹配超过 3 个（最新的属于键 ["u"]）；大多停在 a 之后。'],
  [faultOf(pair, many(9), { partialMatchesPerJob: 7, subtasks: 2 }), '作业的 2 个子任务之一，部分匹配超过 3 个，即上限 7 中它的份额（最新的属于键 ["u"]）；大多停在 a 之后。'],
  [faultOf(pair, [...many(9), { ts: 10, type: 'b', user: 'u', n: 1 }], { matchesPerEvent: 3 }), '键 ["u"] 的一个事件完成的匹配超过 3 个；部分匹配大多停在 a 之后。'],
  [faultOf(pair, many(9), { stateBytesPerKey: 100 }), '键 ["u"] 的状态超过 100 字节；部分匹配大多停在 a 之后。'],
  [faultOf(pair, many(9), { stateBytesPerJob: 100 }), '作业的状态超过 100 字节：部分匹配大多属于键 ["u"]，停在 a 之后。'],
  [faultOf(pair, many(9), { stateBytesPerJob: 300, subtasks: 3 }), '作业的 3 个子任务之一，状态超过 100 字节，即上限 300 中它的份额：部分匹配大多属于键 ["u"]，停在 a 之后。'],
  [faultOf(pair, many(9), { stateBytesPerJob: 100 }, 4), /^作业的状态超过 100 字节：部分匹配大多属于键 \["u"\]，停在 a 之后；其中 \d+ 字节是等待水位线的 5 行。$/],
  [faultOf({ ...pair, steps: [pair.steps[0]!, { name: 'b', link: 'followedBy', where: 'a[3].n == event.n' }] }, many(9)), '模式 case 中 b 的条件，对位置 0:1 的事件无法求值：列表在该处没有元素。条件：a[3].n == event.n'],
  [faultOf({ ...pair, steps: [pair.steps[0]!, { name: 'b', link: 'followedBy', where: `event.type.matches('[a]*')  && [1,2,3,4,5,6,7,8,9].exists(x, ${'['.concat(Array.from({ length: 400 }, (_, i) => i).join(), ']')}.exists(y, ${'['.concat(Array.from({ length: 400 }, (_, i) => i).join(), ']')}.exists(z, x + y + z > 9999)))` }] }, many(9)), /^模式 case 中 b 的条件，对位置 0:0 的事件计算量过大。条件：event/],
])('says in Chinese what the runtime says: %#', (fault, words) => {
  const { message, remedy } = causeText(fault, 'zh');
  if (typeof words === 'string') expect(message).toBe(words);
  else expect(message).toMatch(words);
  expect(remedy).toMatch(/[\u4e00-\u9fff]/);
});

it.each([
  ['source-missing', 'The source /data/x.csv does not exist.', '数据源 /data/x.csv 不存在。'],
  ['source-unreadable', 'The source /data/x.csv cannot be read (EIO).', '无法读取数据源 /data/x.csv（EIO）。'],
  ['source-unreadable', 'The source /data/x.csv cannot be read.', '无法读取数据源 /data/x.csv。'],
  ['disk-failed', 'the data directory cannot be used (ENOSPC)', '无法使用数据目录（ENOSPC）。'],
  ['worker-lost', 'worker w2 (process 41) is gone', '工作进程 w2（进程号 41）失联。'],
  ['skip-target-missing', 'Could not skip to b: the match found has no event of that stage.', '无法从 b 重新开始：找到的匹配中没有这一步的事件。'],
])('%s: %s', (code, message, words) => expect(causeText({ code, message, remedy: null }, 'zh').message).toBe(words));

it.each([
  ['not all tasks acknowledged in time', '未及时收到全部确认'],
  ['match/1: overtaken by a newer checkpoint', 'match/1：被更新的检查点取代'],
  ['source/0: DiskError: ENOSPC: /data/x', 'source/0：磁盘拒绝写入（ENOSPC）'],
  ['a task stopped', '有任务停止'],
  ['something new', 'something new'],
])('a failed checkpoint: %s', (failure, words) => {
  expect(checkpointFailureText(failure, 'zh')).toBe(words);
  expect(checkpointFailureText(failure, 'en')).toBe(failure);
});
