/** Collects issues with their place while a document is walked. */
import { ISSUES, type IssueCode, fillText } from './issue-catalog.ts';
import type { FlinkRefusal, PatternIssue } from './issue.ts';

export interface IssuePlace {
  readonly path: string;
  readonly patternId?: string | null;
  readonly nodeId?: string | null;
  readonly range?: { readonly start: number; readonly end: number } | null;
}

export function makeIssue(
  code: IssueCode, place: IssuePlace, values: Readonly<Record<string, string | number>> = {}, flink: FlinkRefusal | null = null,
): PatternIssue {
  const { severity, message, fix } = ISSUES[code];
  return {
    code, severity, path: place.path, patternId: place.patternId ?? null, nodeId: place.nodeId ?? null,
    message: fillText(message, values), values, fix: fix === null ? null : fillText(fix, values), range: place.range ?? null,
    ...(flink ? { flink } : {}),
  };
}

/** What Flink throws first, as `Class: message`, or null where it accepts. Issues stand in Flink's order of checks. */
export function flinkRefusal(issues: readonly PatternIssue[]): string | null {
  const refused = issues.find((issue) => issue.flink)?.flink;
  return refused ? `${refused.exception}: ${refused.message}` : null;
}
