export {
  type AfterMatch, type AtomicNode, type CompositeNode, DOCUMENT_FORMAT, DOCUMENT_VERSION, type Duration, type JobDocument,
  type JobDocumentInput, type Label, type OutputSpec, type PatternEdge, type PatternGraph, type PatternNode, type Quantifier,
  type Rate, type SourceSpec, type TestCase, type Window, durationMs, zEventSchema, zJobDocument, zPattern, zSource,
} from './document.ts';
export type { PatternIssue } from './issue.ts';
