/**
 * The pattern that the page draws, and the document as that pattern sees it.
 *
 * Always  what is shown of a document with one pattern is that document. With several, it has the shown pattern alone,
 *         and the tests that are about it: words, counts and the test dock need not know of the others.
 * Not here: editing. Commands go to the whole document and name their pattern.
 */
import type { JobDocument, PatternGraph, PatternIssue } from '@tidemark/pattern';

/** The pattern with this id, else the first. */
export function patternShown(document: JobDocument, patternId: string | null): PatternGraph | null {
  return document.patterns.find(({ id }) => id === patternId) ?? document.patterns[0] ?? null;
}

/** One for each document and pattern, so that a selector gives the same object again. */
const made = new WeakMap<JobDocument, Map<string, JobDocument>>();

export function documentShown(document: JobDocument, patternId: string | null): JobDocument {
  const pattern = patternShown(document, patternId);
  if (pattern === null || document.patterns.length === 1) return document;
  let views = made.get(document);
  if (!views) made.set(document, views = new Map());
  let view = views.get(pattern.id);
  if (!view) {
    const first = document.patterns[0]?.id;
    view = { ...document, patterns: [pattern], tests: document.tests.filter((test) => (test.pattern ?? first) === pattern.id) };
    views.set(pattern.id, view);
  }
  return view;
}

/** Whether an issue stands in the way of a pattern: its own, and those of the job. */
export const concerns = (issue: PatternIssue, patternId: string): boolean => issue.patternId === null || issue.patternId === patternId;

/** After undo or redo: the pattern that the step was about; null where it was not about one. */
export function patternChanged(before: JobDocument, after: JobDocument): string | null {
  const old = new Map(before.patterns.map((pattern) => [pattern.id, pattern]));
  const changed = after.patterns.filter((pattern) => old.get(pattern.id) !== pattern || before.layout[pattern.id] !== after.layout[pattern.id]);
  return changed.length === 1 ? changed[0]?.id ?? null : null;
}
