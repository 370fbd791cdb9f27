export {
  type AfterMatch, type AtomicNode, type CompositeNode, type CompositeNodeInput, type Condition, DOCUMENT_FORMAT, DOCUMENT_VERSION, type Duration, SPLITS_MAX,
  type JobDocument, type JobDocumentInput, type Label, type OutputSpec, type PatternEdge, type PatternGraph, type PatternNode, type PatternNodeInput,
  type Quantifier, type Rate, type SourceFile, type SourceSpec, type TestCase, type TieBreak, type Window, durationMs, zEventSchema, zJobDocument, zPattern, zSource,
} from './document.ts';
export type { FlinkRefusal, PatternIssue } from './issue.ts';
export { ISSUES, type IssueCode, fillText } from './issue-catalog.ts';
export { flinkRefusal } from './issue-list.ts';
export { DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX, type DecodeOptions, type Decoded, decodeDocument, jsonPath } from './decode.ts';
export { type Json, type JsonObject, MIGRATIONS, type Migrated, type Migration, migrate } from './migrate.ts';
export { type ValidateOptions, type Validation, validateDocument } from './validate.ts';
export type { Step, StepQuantifier, TieBreakField, ValidatedJob, ValidatedOutput, ValidatedPattern } from './validated.ts';
export type { ApiCall, StepLink, WindowType } from './pattern-api.ts';
export { type CaseEvent, type CasePattern, type CaseStep, type CaseWindow, type FromCase, fromCase } from './from-case.ts';
export { type Chain, type ChainEntry, type ChainLevel, chainOf } from './chain.ts';
export { canonicalJson, versionHash } from './version-hash.ts';
export { identifierLike, isIdentifier, isReservedWord, nearest } from './identifier.ts';
export { jobDocumentJsonSchema } from './json-schema.ts';
export type { Language } from '@tidemark/condition';
export { type Sentence, type SentencePart, durationWords, sentence, sentenceText } from './sentence.ts';
export { TEMPLATES, type Template, type TemplateId, instantiate } from './templates.ts';
