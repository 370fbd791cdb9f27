/**
 * The job document: what is drawn, versioned and deployed, as one zod schema.
 *
 * From this schema come the JSON Schema, the TypeScript types and the API description. The pattern part is a
 * close superset of the graph JSON of dynamic Flink CEP: inner contiguity and quantifier on the node, outer
 * contiguity on the edge, window and after-match strategy on the graph.
 *
 * Always  shape only: what a shape cannot say (unique names, reachable stages, types of conditions, Flink's
 *         own rules) is validate.ts. A draft may be shaped right and still be invalid; it is saved all the same.
 * Not here: migrations between versions (migrate.ts), meaning (validate.ts).
 */
import { z } from 'zod';

// No text becomes code, not even the library's own: a page's policy refuses it, and says so at every try.
z.config({ jitless: true });

/** Version of the notation. Raise it together with a named migration in migrate.ts. */
export const DOCUMENT_VERSION = 1;
export const DOCUMENT_FORMAT = 'tidemark-job';
export const PATTERNS_MAX = 10_000;
export const SPLITS_MAX = 256;
/** Distinct keys of a job: each costs an exchange and subtasks of its own. */
export const KEYS_MAX = 64;

export const zId = z.string().min(1).max(64).regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');
export const zFieldType = z.enum(['string', 'double', 'int', 'bool']);
export const zTimeFormat = z.enum(['epoch-ms', 'epoch-s', 'epoch-us', 'iso8601', 'datetime']);

export const zEventSchema = z.strictObject({
  fields: z.array(z.strictObject({
    name: z.string().min(1).max(128),
    type: zFieldType,
    optional: z.boolean().optional(),
  })).max(500),
  time: z.strictObject({ field: z.string().min(1).max(128), format: zTimeFormat }),
}).meta({ id: 'EventSchema' });

/** So many records from the beginning are read without pacing, for a demonstration that reaches the point early. */
const zHead = z.number().int().min(0).max(1_000_000_000).optional();
export const zRate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('unlimited') }),
  z.strictObject({ kind: z.literal('per-second'), events: z.number().positive().max(10_000_000), head: zHead }),
  z.strictObject({ kind: z.literal('event-time'), speed: z.number().positive().max(1_000_000_000), head: zHead }),
]).meta({ id: 'Rate' });

/** One file, or all that match a path with `*`. */
export const zSourceFile = z.union([
  z.strictObject({ path: z.string().min(1).max(1024) }),
  z.strictObject({ sample: z.string().regex(/^[0-9a-f]{64}$/) }),
]).meta({ id: 'SourceFile' });

export const zSource = z.discriminatedUnion('kind', [
  /** A stored sample (by content hash), a file below a configured root (by path), or several, one split each. Exactly one of the three. */
  z.strictObject({
    kind: z.literal('file'),
    sample: z.string().regex(/^[0-9a-f]{64}$/).optional(),
    path: z.string().min(1).max(1024).optional(),
    files: z.array(zSourceFile).min(1).max(SPLITS_MAX).optional(),
    format: z.enum(['ndjson', 'csv', 'json']),
    rate: zRate.default({ kind: 'unlimited' }),
  }),
  /** Event i is a pure function of generator, seed, base time and i. */
  z.strictObject({
    kind: z.literal('generator'),
    generator: z.string().min(1).max(64),
    seed: z.number().int().min(0).max(2 ** 31 - 1),
    events: z.number().int().min(1).max(1_000_000_000),
    /** First event time; absent = fixed when the job is deployed. */
    baseTime: z.number().int().optional(),
    /** Over how many splits its events go in turn; absent = 1. */
    splits: z.number().int().min(1).max(SPLITS_MAX).optional(),
    rate: zRate.default({ kind: 'unlimited' }),
  }),
]).meta({ id: 'Source' });

export const zTimeUnit = z.enum(['DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLISECONDS']);
export const zDuration = z.strictObject({ unit: zTimeUnit, size: z.number() }).meta({ id: 'Duration' });
export const zWindow = z.strictObject({
  type: z.enum(['FIRST_AND_LAST', 'PREVIOUS_AND_CURRENT']),
  time: zDuration,
}).meta({ id: 'Window' });

export const zCondition = z.strictObject({
  type: z.literal('CEL'),
  expression: z.string().max(10_000),
}).meta({ id: 'Condition' });

export const zQuantifier = z.strictObject({
  /** Inner contiguity, between the repetitions of one stage. */
  consumingStrategy: z.enum(['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY']).default('SKIP_TILL_NEXT'),
  properties: z.array(z.enum(['SINGLE', 'LOOPING', 'TIMES', 'OPTIONAL', 'GREEDY'])).max(5).default(['SINGLE']),
  times: z.strictObject({
    from: z.number().int(),
    /** Ignored with LOOPING ("or more"). */
    to: z.number().int(),
    windowTime: zDuration.nullable().default(null),
  }).nullable().default(null),
  untilCondition: zCondition.nullable().default(null),
}).meta({ id: 'Quantifier' });

export const zLabel = z.strictObject({ en: z.string().max(200).optional(), zh: z.string().max(200).optional() }).meta({ id: 'Label' });

const nodeCommon = {
  /** Stable and opaque: layout, state, metrics and diffs hang on it. */
  id: zId,
  /** Of a stage: a CEL identifier, unique in the pattern; conditions of later stages read it. Of a group: any words. */
  name: z.string().min(1).max(128),
  label: zLabel.optional(),
  quantifier: zQuantifier.default({ consumingStrategy: 'SKIP_TILL_NEXT', properties: ['SINGLE'], times: null, untilCondition: null }),
  /** A step's own window, as Flink's within on that step. */
  window: zWindow.nullable().default(null),
};

export const zAtomicNode = z.strictObject({
  type: z.literal('ATOMIC'),
  ...nodeCommon,
  condition: zCondition.nullable().default(null),
}).meta({ id: 'AtomicNode' });

export const zEdge = z.strictObject({
  /** Node ids. Outer contiguity; a node whose incoming edge is NOT_NEXT or NOT_FOLLOW is a gate. */
  source: zId,
  target: zId,
  type: z.enum(['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY', 'NOT_NEXT', 'NOT_FOLLOW']),
}).meta({ id: 'Edge' });

/** Written out, because a type that contains itself cannot be inferred. */
export interface CompositeNode {
  type: 'COMPOSITE';
  id: string;
  name: string;
  label?: Label | undefined;
  quantifier: Quantifier;
  window: Window | null;
  condition: Condition | null;
  nodes: PatternNode[];
  edges: PatternEdge[];
}
export interface CompositeNodeInput {
  type: 'COMPOSITE';
  id: string;
  name: string;
  label?: Label | undefined;
  quantifier?: z.input<typeof zQuantifier> | undefined;
  window?: z.input<typeof zWindow> | null | undefined;
  condition?: z.input<typeof zCondition> | null | undefined;
  nodes: PatternNodeInput[];
  edges: PatternEdge[];
}
export type AtomicNode = z.infer<typeof zAtomicNode>;
export type PatternNode = AtomicNode | CompositeNode;
export type PatternNodeInput = z.input<typeof zAtomicNode> | CompositeNodeInput;

export const zCompositeNode = z.strictObject({
  type: z.literal('COMPOSITE'),
  ...nodeCommon,
  /** Always null in a valid document: a group has no condition. Held so that the validator can say so. */
  condition: zCondition.nullable().default(null),
  get nodes(): z.ZodArray<z.ZodType<PatternNode, PatternNodeInput>> {
    return z.array(zNode as z.ZodType<PatternNode, PatternNodeInput>).max(100);
  },
  edges: z.array(zEdge).max(100),
}).meta({ id: 'CompositeNode' });

export const zNode = z.discriminatedUnion('type', [zAtomicNode, zCompositeNode]);

export const zAfterMatch = z.strictObject({
  type: z.enum(['NO_SKIP', 'SKIP_TO_NEXT', 'SKIP_PAST_LAST_EVENT', 'SKIP_TO_FIRST', 'SKIP_TO_LAST']),
  /** Name of a stage, for the last two. */
  patternName: z.string().nullable().default(null),
  throwOnMiss: z.boolean().default(false),
}).meta({ id: 'AfterMatchStrategy' });

export const zOutput = z.strictObject({
  /** Text of a match; `{cel}` placeholders read the stages' lists, e.g. `start: {start[0].name}`. */
  text: z.string().max(4_000).nullable().default(null),
  /** Timed-out partial matches to the side output. */
  timedOut: z.boolean().default(false),
  timedOutText: z.string().max(4_000).nullable().default(null),
  /** Late events to the side output; they are always counted. */
  late: z.boolean().default(true),
}).meta({ id: 'Output' });

/** One field of a tie-break. Texts go by code points, absent values come first (last with DESC). */
export const zTieBreak = z.strictObject({
  field: z.string().min(1).max(128),
  order: z.enum(['ASC', 'DESC']).default('ASC'),
}).meta({ id: 'TieBreak' });

export const zPattern = z.strictObject({
  id: zId,
  name: z.string().min(1).max(200),
  label: zLabel.optional(),
  nodes: z.array(zNode).max(500),
  edges: z.array(zEdge).max(500),
  window: zWindow.nullable().default(null),
  afterMatchStrategy: zAfterMatch.default({ type: 'NO_SKIP', patternName: null, throwOnMiss: false }),
  /** Fields of the key, in order; empty = one constant key. */
  key: z.array(z.string().min(1).max(128)).max(16).default([]),
  /** Order among events of equal time (Flink: EventComparator); what these fields leave equal, and without them all, goes by arrival: split, position. */
  tieBreak: z.array(zTieBreak).max(16).optional(),
  /** Advance every key at every watermark, not only where Flink's operator has a timer. */
  advanceEveryKey: z.boolean().default(false),
  output: zOutput.default({ text: null, timedOut: false, timedOutText: null, late: true }),
}).meta({ id: 'Pattern' });

/** 1 GiB: a million partial matches with some twenty fields. */
const STATE_BYTES_PER_JOB = 1_073_741_824;
/** 256 MiB: a key with the partial matches that it may have and what each has taken. */
const STATE_BYTES_PER_KEY = 268_435_456;

export const zTestCase = z.strictObject({
  id: zId,
  name: z.string().max(200),
  events: z.array(z.record(z.string(), z.unknown())).max(200).optional(),
  sample: z.string().regex(/^[0-9a-f]{64}$/).optional(),
  expectMatches: z.number().int().min(0),
  /** Id of the pattern that is tested; absent = the first. */
  pattern: zId.optional(),
}).meta({ id: 'TestCase' });

export const zJobDocument = z.strictObject({
  format: z.literal(DOCUMENT_FORMAT),
  version: z.literal(DOCUMENT_VERSION),
  id: zId,
  name: z.string().min(1).max(200),
  label: zLabel.optional(),
  schema: zEventSchema.nullable().default(null),
  source: zSource.nullable().default(null),
  /** How far event times may run behind the newest seen; 0 = in order. */
  outOfOrdernessMs: z.number().int().min(0).max(366 * 86_400_000).default(0),
  /** By the time in the events (absent), or by the clock of the machine that reads them: then nothing is late, and every run gives its own. */
  timeDomain: z.enum(['EVENT_TIME', 'PROCESSING_TIME']).optional(),
  /** A split that has had nothing to read for so long is not waited for (Flink: withIdleness); absent = all are, for ever. */
  idlenessMs: z.number().int().min(1).max(366 * 86_400_000).optional(),
  /** All over the one source, each with its own key; patterns with equal keys share one exchange. */
  patterns: z.array(zPattern).max(PATTERNS_MAX),
  sink: z.discriminatedUnion('kind', [
    /** Exactly-once NDJSON file; `path` is below the data directory's output root, default by job. */
    z.strictObject({ kind: z.literal('file'), path: z.string().min(1).max(1024).optional() }),
  ]).default({ kind: 'file' }),
  parallelism: z.number().int().min(1).max(64).default(2),
  maxParallelism: z.number().int().min(1).max(32_768).default(128),
  checkpointing: z.strictObject({
    intervalMs: z.number().int().min(50).max(86_400_000).default(10_000),
    timeoutMs: z.number().int().min(100).max(86_400_000).default(600_000),
    retained: z.number().int().min(1).max(100).default(3),
  }).default({ intervalMs: 10_000, timeoutMs: 600_000, retained: 3 }),
  restart: z.strictObject({
    kind: z.literal('fixed-delay'),
    delayMs: z.number().int().min(0).max(3_600_000).default(1_000),
    /** null = without limit */
    attempts: z.number().int().min(0).nullable().default(null),
  }).default({ kind: 'fixed-delay', delayMs: 1_000, attempts: null }),
  limits: z.strictObject({
    partialMatchesPerJob: z.number().int().min(1).default(1_000_000),
    partialMatchesPerKey: z.number().int().min(1).default(100_000),
    matchesPerEvent: z.number().int().min(1).default(10_000),
    /** Retained events, partial matches and waiting rows together. */
    stateBytesPerJob: z.number().int().min(1).default(STATE_BYTES_PER_JOB),
    /** Retained events, partial and held matches of one key of one pattern. */
    stateBytesPerKey: z.number().int().min(1_048_576).default(STATE_BYTES_PER_KEY),
  }).default({
    partialMatchesPerJob: 1_000_000, partialMatchesPerKey: 100_000, matchesPerEvent: 10_000, stateBytesPerJob: STATE_BYTES_PER_JOB, stateBytesPerKey: STATE_BYTES_PER_KEY,
  }),
  tests: z.array(zTestCase).max(200).default([]),
  /** Where stages stand: by pattern id, then stage id. Positions in a group are relative to it. No meaning. */
  layout: z.record(zId, z.record(zId, z.strictObject({ x: z.number(), y: z.number(), collapsed: z.boolean().optional() }))).default({}),
}).meta({ id: 'JobDocument' });

export type JobDocument = z.infer<typeof zJobDocument>;
export type JobDocumentInput = z.input<typeof zJobDocument>;
export type PatternGraph = z.infer<typeof zPattern>;
export type PatternEdge = z.infer<typeof zEdge>;
export type Quantifier = z.infer<typeof zQuantifier>;
export type Duration = z.infer<typeof zDuration>;
export type Window = z.infer<typeof zWindow>;
export type Condition = z.infer<typeof zCondition>;
export type AfterMatch = z.infer<typeof zAfterMatch>;
export type SourceSpec = z.infer<typeof zSource>;
export type Rate = z.infer<typeof zRate>;
export type OutputSpec = z.infer<typeof zOutput>;
export type SourceFile = z.infer<typeof zSourceFile>;
export type TieBreak = z.infer<typeof zTieBreak>;
export type Label = z.infer<typeof zLabel>;
export type TestCase = z.infer<typeof zTestCase>;

const UNIT_MS = { DAYS: 86_400_000, HOURS: 3_600_000, MINUTES: 60_000, SECONDS: 1_000, MILLISECONDS: 1 } as const;
/** A duration of the document in milliseconds. */
export const durationMs = (duration: Duration): number => duration.size * UNIT_MS[duration.unit];
