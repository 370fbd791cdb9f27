/**
 * What a job document means to its tasks: the production wiring, used by the job manager and by every worker.
 *
 * Always  made from the same JSON everywhere; an invalid document is a JobFault of domain `user`.
 *         One exchange for each key: patterns with the same key share it. A split for each file.
 */
import { JobFault } from '@tidemark/core';
import { MatchFormatter, type PatternsOfKey, PatternsOperator, commonKeyFields, hasKey, patternsByKey } from '@tidemark/cep';
import { type ByteSource, FileSplitReader, GeneratorSplitReader, NodeByteSource } from '@tidemark/connectors';
import { type Rate, keyGroupOf, keyHash, subtaskOf } from '@tidemark/dataflow';
import { BatchDecoder, BatchEncoder } from '@tidemark/event';
import { type Step, type ValidatedJob, validateDocument } from '@tidemark/pattern';
import { internalFault } from './fault.ts';
import type { JobSpec, JobWiring, KeyedExchange, SourcePath, WireJob } from './job-wiring.ts';

/** `open`: how the bytes of a file source are reached. */
export function documentWiring(open: (path: string) => ByteSource = (path) => new NodeByteSource(path)): WireJob {
  return (spec) => wire(spec, open);
}

function wire(spec: JobSpec, open: (path: string) => ByteSource): JobWiring {
  const job = validated(spec);
  const { schema, document } = job;
  const { source, maxParallelism } = document;
  if (!source) throw userFault('no-source', 'The job has no source.', 'Choose a source before deploying.');
  const keyFields = commonKeyFields(job);
  const groups = patternsByKey(job);
  // The limits of the job are shared out to all of them.
  const subtasks = groups.reduce((sum, group) => sum + parallelismOf(job, group), 0);
  const formatters = new Map<number, MatchFormatter>();
  const formatterOf = (pattern: number): MatchFormatter => {
    const made = formatters.get(pattern) ?? new MatchFormatter(job, pattern);
    formatters.set(pattern, made);
    return made;
  };
  const lateWanted = job.patterns.flatMap((pattern, index) => (pattern.output.late ? [{ key: pattern.key, index }] : []));
  const paths = pathsOf(spec.sourcePath);
  const { splits, sources } = sourceShape(job, spec.sourcePath);
  return {
    stateHash: job.versionHash,
    schema,
    splits,
    sources,
    exchanges: groups.map((group) => exchangeOf(job, group, subtasks, formatterOf)),
    maxParallelism,
    outOfOrdernessMs: document.outOfOrdernessMs,
    processingTime: isByClock(job),
    idlenessMs: isByClock(job) ? null : document.idlenessMs ?? null,
    rate: shareOf(source.rate, sources),
    createReader: (split, deadLetter) => {
      if (source.kind === 'generator') {
        const { generator, seed, events } = source;
        return new GeneratorSplitReader(schema, { generator, seed, events, baseTime: source.baseTime ?? spec.baseTime, split, splits });
      }
      const path = paths[split];
      if (path === undefined) throw userFault('no-source', 'The job was submitted without the file of its source.', 'Deploy it again.');
      return new FileSplitReader(open(path), source.format, schema, { split, keyFields, deadLetter });
    },
    createEncoder: () => new BatchEncoder(schema),
    createDecoder: () => new BatchDecoder(schema),
    formatLate: (batch, row) => lateWanted.filter(({ key }) => hasKey(batch, row, key)).map(({ index }) => formatterOf(index).late(batch, row)),
    formatDeadLetter: (letter) => formatterOf(0).deadLetter(letter),
    faultOf: (error) => (error instanceof JobFault ? error : internalFault(error)),
  };
}

const isByClock = ({ document }: ValidatedJob): boolean => document.timeDomain === 'PROCESSING_TIME';

const pathsOf = (path: SourcePath): readonly string[] => (path === null ? [] : typeof path === 'string' ? [path] : path);

/** How many splits the source of a job has, and how many subtasks read them. */
export function sourceShape(job: ValidatedJob, path: SourcePath): { readonly splits: number; readonly sources: number } {
  const { source, parallelism } = job.document;
  const splits = source?.kind === 'generator' ? (source.splits ?? 1) : Math.max(1, pathsOf(path).length);
  // By the clock a row is processed as it comes: it must not wait for the clock of another subtask.
  return { splits, sources: isByClock(job) || dependsOnWatermarks(job) ? 1 : Math.min(splits, parallelism) };
}

/**
 * Whether what a pattern gives depends on where watermarks stand (EG2), as it does in Flink: with gaps between events as
 * windows, a key's time goes on only where something of it was due; and a match that an earlier start holds back prunes
 * what has not timed out by the watermark that lets it go. One source subtask fixes the places by the records alone,
 * whatever the number of its splits; the watermarks of several would meet at the gate as the machine lets them.
 */
const dependsOnWatermarks = ({ patterns }: ValidatedJob): boolean =>
  patterns.some((pattern) => (hasGap(pattern.steps) && !pattern.advanceEveryKey) || (pattern.skip.type !== 'NO_SKIP' && (pattern.windowMs > 0 || hasGap(pattern.steps))));
const hasGap = (steps: readonly Step[]): boolean => steps.some(({ window, group }) => window?.type === 'PREVIOUS_AND_CURRENT' || (group !== null && hasGap(group)));

/** The rate is that of the job: its subtasks share it. */
function shareOf(rate: Rate, sources: number): Rate {
  const head = 'head' in rate && rate.head !== undefined ? { head: Math.ceil(rate.head / sources) } : {};
  return rate.kind === 'per-second' ? { ...rate, ...head, events: rate.events / sources } : { ...rate, ...head };
}

/** Without a key there is one constant key, and one subtask that owns it. */
const parallelismOf = ({ document: { parallelism, maxParallelism } }: ValidatedJob, { key }: PatternsOfKey): number =>
  (key.length === 0 ? 1 : Math.min(parallelism, maxParallelism));

function exchangeOf(job: ValidatedJob, group: PatternsOfKey, subtasks: number, formatterOf: (pattern: number) => MatchFormatter): KeyedExchange {
  const { key, patterns } = group;
  const { schema, document: { maxParallelism, limits } } = job;
  const parallelism = parallelismOf(job, group);
  const complete = key.every((field) => schema.fields[field]?.optional !== true);
  return {
    parallelism,
    createRoute: () => (batch, row) =>
      (complete || hasKey(batch, row, key) ? subtaskOf(keyGroupOf(keyHash(batch, row, key), maxParallelism), { parallelism, maxParallelism }) : -1),
    createOperator: (write) => new PatternsOperator(job, patterns, (match) => write(formatterOf(match.pattern).format(match)), { limits: { ...limits, subtasks } }),
  };
}

function validated(spec: JobSpec): ValidatedJob {
  const { job, issues } = validateDocument(spec.document, { forDeployment: true });
  if (job) return job;
  const error = issues.find((issue) => issue.severity === 'error');
  throw userFault('document-invalid', error?.message ?? 'The document is not valid.', error?.fix ?? 'Correct the drawing and deploy it again.');
}

const userFault = (code: string, message: string, remedy: string): JobFault =>
  new JobFault(message, { domain: 'user', retry: 'no-retry', code, operatorId: null, remedy });
