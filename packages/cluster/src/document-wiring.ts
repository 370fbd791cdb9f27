/**
 * What a job document means to its tasks: the production wiring, used by the job manager and by every worker.
 *
 * Always  made from the same JSON everywhere; an invalid document is a JobFault of domain `user`.
 *         One pattern, one split (this version's width; the validator refuses more).
 */
import { JobFault } from '@tidemark/core';
import { CepOperator, MatchFormatter } from '@tidemark/cep';
import { type ByteSource, FileSplitReader, GeneratorSplitReader, NodeByteSource } from '@tidemark/connectors';
import { keyGroupOf, keyHash, subtaskOf } from '@tidemark/dataflow';
import { BatchDecoder, BatchEncoder } from '@tidemark/event';
import { type ValidatedJob, type ValidatedPattern, validateDocument } from '@tidemark/pattern';
import { internalFault } from './fault.ts';
import type { JobSpec, JobWiring, WireJob } from './job-wiring.ts';

/** `open`: how the bytes of a file source are reached. */
export function documentWiring(open: (path: string) => ByteSource = (path) => new NodeByteSource(path)): WireJob {
  return (spec) => wire(spec, open);
}

function wire(spec: JobSpec, open: (path: string) => ByteSource): JobWiring {
  const job = validated(spec);
  const pattern = job.patterns[0] as ValidatedPattern;
  const { schema, document } = job;
  const { source, maxParallelism } = document;
  if (!source) throw userFault('no-source', 'The job has no source.', 'Choose a source before deploying.');
  // Without a key there is one constant key, and one subtask that owns it.
  const parallelism = pattern.key.length === 0 ? 1 : Math.min(document.parallelism, maxParallelism);
  const formatter = new MatchFormatter(job);
  const keyFields = pattern.key.map((field) => schema.fields[field]?.name as string);
  return {
    stateHash: job.versionHash,
    schema,
    splits: 1,
    parallelism,
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
    createRoute: () => (batch, row) => subtaskOf(keyGroupOf(keyHash(batch, row, pattern.key), maxParallelism), { parallelism, maxParallelism }),
    createEncoder: () => new BatchEncoder(schema),
    createDecoder: () => new BatchDecoder(schema),
    createOperator: (write) => {
      const own = new MatchFormatter(job);
      return new CepOperator(job, (match) => write(own.format(match)));
    },
    formatLate: (batch, row) => (pattern.output.late ? formatter.late(batch, row) : null),
    formatDeadLetter: (letter) => formatter.deadLetter(letter),
    faultOf: (error) => (error instanceof JobFault ? error : internalFault(error)),
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
