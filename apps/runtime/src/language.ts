/**
 * The one door to the pattern language: JSON in, all issues out, and what the runtime has to know of a valid document.
 */
import { createHash } from 'node:crypto';
import { type JobDocument, type PatternIssue, type PatternNode, zJobDocument } from '@tidemark/pattern';

export interface ValidDocument {
  readonly document: JobDocument;
  /** Hash of what can change matches or output lines. */
  readonly versionHash: string;
  /** By stage number: the ids of the nodes. */
  readonly patterns: readonly { readonly id: string; readonly stageIds: readonly string[] }[];
}

export interface Understood {
  readonly issues: readonly PatternIssue[];
  /** Null iff an issue is an error. */
  readonly valid: ValidDocument | null;
}

export function understand(json: unknown): Understood {
  const parsed = zJobDocument.safeParse(json);
  if (!parsed.success) {
    return { valid: null, issues: parsed.error.issues.map((issue): PatternIssue => ({
      code: 'bad-shape', severity: 'error', path: `$${issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`,
      patternId: null, nodeId: null, message: issue.message, values: {}, fix: null, range: null,
    })) };
  }
  const document = parsed.data;
  return { issues: [], valid: {
    document,
    versionHash: createHash('sha256').update(JSON.stringify({ ...document, layout: {} })).digest('hex'),
    patterns: document.patterns.map(({ id, nodes }) => ({ id, stageIds: atoms(nodes).map((node) => node.id) })),
  } };
}

/** The atomic stages in document order, those of groups included. */
const atoms = (nodes: readonly PatternNode[]): PatternNode[] => nodes.flatMap((node) => (node.type === 'ATOMIC' ? [node] : atoms(node.nodes)));
