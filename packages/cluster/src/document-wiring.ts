/**
 * What a job document means to its tasks: the production wiring, used by the job manager and by every worker.
 *
 * Always  made from the same JSON everywhere; an invalid document is a JobFault of domain `user`.
 *         One exchange for each key: patterns with the same key share it. One split.
 */
import { JobFault } from '@tidemark/core';
import { MatchFormatter, type PatternsOfKey, PatternsOperator, commonKeyFields, hasKey, patternsByKey } from '@tidemark/cep';
import { type ByteSource, FileSplitReader, GeneratorSplitReader, NodeByteSource } from '@tidemark/connectors';
import { keyGroupOf, keyHash, subtaskOf } from '@tidemark/dataflow';
import { BatchDecoder, BatchEncoder } from '@tidemark/event';
import { type ValidatedJob, validateDocument } from '@tidemark/pattern';
import { internalFault } from './fault.ts';
import type { JobSpec, JobWiring, KeyedExchange, WireJob } from './job-wiring.ts';

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
  return {
    stateHash: job.versionHash,
    schema,
    splits: 1,
    exchanges: groups.map((group) => exchangeOf(job, group, subtasks, formatterOf)),
    maxParallelism,
    outOfOrdernessMs: document.outOfOrdernessMs,
    rate: source.rate,
    createReader: (split, deadLetter) => {
      if (source.kind === 'generator') {
        const { generator, seed, events } = source;
        return new GeneratorSplitReader(schema, { generator, seed, events, baseTime: source.baseTime ?? spec.baseTime, split });
      }
      if (spec.sourcePath === null) throw userFault('no-source', 'The job was submitted without the file of its source.', 'Deploy it again.');
      return new FileSplitReader(open(spec.sourcePath), source.format, schema, { split, keyFields, deadLetter });
    },
    createEncoder: () => new BatchEncoder(schema),
    createDecoder: () => new BatchDecoder(schema),
    formatLate: (batch, row) => lateWanted.filter(({ key }) => hasKey(batch, row, key)).map(({ index }) => formatterOf(index).late(batch, row)),
    formatDeadLetter: (letter) => formatterOf(0).deadLetter(letter),
    faultOf: (error) => (error instanceof JobFault ? error : internalFault(error)),
  };
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
