/**
 * From a decoded document to a ValidatedJob, or to everything that is wrong with it.
 *
 *   VA1  All issues at once; nothing is thrown for a document that decodes, however broken the drawing is.
 *   VA2  A job comes out iff no issue is an error.
 *   VA3  Where Flink refuses the pattern, an issue carries Flink's exception and message, and the first such issue is
 *        the one that Flink throws.
 *   VA4  An error is what Flink refuses, what hangs or crashes there, or what the document leaves unsaid; what Flink
 *        runs otherwise than its author means is a warning.
 *   VA5  Stages are numbered in the order of the chain, groups unfolded, whatever the order of `nodes`.
 *
 * Not here: shape (decode.ts), what conditions mean (packages/condition).
 * Source  semantics §1.2, §1.5, §1.7a.
 */
import { type CheckedCondition, type CheckedTemplate, type ConditionIssue, type ConditionScope, type Expression, checkCondition, checkTemplate, walk } from '@tidemark/condition';
import { GENERATOR_NAMES, invariant, isGeneratorName } from '@tidemark/core';
import { type EventSchema, fieldIndex } from '@tidemark/event';
import { type BuiltStep, callsOf } from './built-step.ts';
import { chainOf } from './chain.ts';
import { type AfterMatch, type JobDocument, type PatternGraph, type PatternNode, type SourceSpec, type Window, KEYS_MAX, durationMs } from './document.ts';
import { identifierLike, isIdentifier, isPrototypeName, isReservedWord, nearest } from './identifier.ts';
import { type IssuePlace, makeIssue } from './issue-list.ts';
import type { IssueCode } from './issue-catalog.ts';
import type { FlinkRefusal, PatternIssue } from './issue.ts';
import { type ApiRefusal, ApiStep, type StepLink } from './pattern-api.ts';
import type { Step, TieBreakField, ValidatedJob, ValidatedPattern } from './validated.ts';
import { versionHash } from './version-hash.ts';
import { canBeEmpty, firstAndLastWindows, gapWindows, smallestWindow, stepCanBeEmpty } from './windows.ts';

export interface ValidateOptions {
  /**
   * `case`: stages may have names that are no identifiers (conditions write stage('the name')), and a pattern on which
   * Flink fails only at some events is accepted. For cases and differential tests.
   */
  readonly origin?: 'document' | 'case';
  /** Ids of nodes whose greedy() was called before allowCombinations(), which Flink accepts. For cases only. */
  readonly greedyFirst?: ReadonlySet<string>;
  /** A job is to be deployed: it needs a source. */
  readonly forDeployment?: boolean;
}

export interface Validation {
  readonly issues: readonly PatternIssue[];
  /** Not null iff no issue has severity 'error'. */
  readonly job: ValidatedJob | null;
}

export function validateDocument(document: JobDocument, options: ValidateOptions = {}): Validation {
  const issues: PatternIssue[] = [];
  const report = (code: IssueCode, place: IssuePlace, values?: Readonly<Record<string, string | number>>): void => {
    issues.push(makeIssue(code, place, values));
  };
  checkJob(document, options, report);
  const schema = document.schema;
  if (schema) checkSchema(schema, report);
  else report('no-schema', { path: '$.schema' });
  if (document.patterns.length === 0) report('no-pattern', { path: '$.patterns' });
  checkKeys(document, report);
  const commonKey = new Set(document.patterns[0]?.key.filter((field) => document.patterns.every((pattern) => pattern.key.includes(field))));
  const patterns = document.patterns.map((graph, index) => new PatternCheck(graph, `$.patterns[${index}]`, schema, { ...options, commonKey }, issues).run());
  if (issues.some((issue) => issue.severity === 'error') || !schema || patterns.includes(null)) return { issues, job: null };
  return { issues, job: { document, schema, patterns: patterns as ValidatedPattern[], versionHash: versionHash(document) } };
}

function checkKeys({ patterns }: JobDocument, report: Report): void {
  const keys = new Set<string>();
  for (const [index, { id, key }] of patterns.entries()) {
    keys.add(JSON.stringify(key));
    if (keys.size === KEYS_MAX + 1) report('too-many-keys', { path: `$.patterns[${index}].key`, patternId: id }, { count: new Set(patterns.map((pattern) => JSON.stringify(pattern.key))).size, max: KEYS_MAX });
    if (keys.size > KEYS_MAX) return;
  }
}

type Report = (code: IssueCode, place: IssuePlace, values?: Readonly<Record<string, string | number>>) => void;

function checkJob(document: JobDocument, options: ValidateOptions, report: Report): void {
  const { source, parallelism, maxParallelism } = document;
  if (!source && options.forDeployment) report('no-source', { path: '$.source' });
  if (source?.kind === 'file') {
    const named = [source.sample, source.path, source.files].filter((one) => one !== undefined).length;
    if (named === 0) report('source-without-file', { path: '$.source' });
    if (named > 1) report('source-with-two-files', { path: '$.source' });
    const seen = new Set<string>();
    source.files?.forEach((file, index) => {
      const name = 'path' in file ? file.path : file.sample;
      if (seen.has(name)) report('source-file-twice', { path: `$.source.files[${index}]` }, { name });
      seen.add(name);
    });
  }
  if (source?.kind === 'generator' && !isGeneratorName(source.generator)) {
    const near = nearest(source.generator, GENERATOR_NAMES);
    const known = near === null ? GENERATOR_NAMES : [near, ...GENERATOR_NAMES.filter((name) => name !== near)];
    report('unknown-generator', { path: '$.source.generator' }, { name: source.generator, known: known.join(', ') });
  }
  const byClock = document.timeDomain === 'PROCESSING_TIME';
  if (byClock) {
    report('processing-time', { path: '$.timeDomain' });
    if (document.outOfOrdernessMs > 0) report('unused-by-processing-time', { path: '$.outOfOrdernessMs' }, { field: 'outOfOrdernessMs' });
  }
  if (document.idlenessMs !== undefined) {
    if (byClock) report('unused-by-processing-time', { path: '$.idlenessMs' }, { field: 'idlenessMs' });
    else if (source && !hasSeveralSplits(source)) report('idleness-of-one-split', { path: '$.idlenessMs' });
    else report('idleness-by-the-clock', { path: '$.idlenessMs' });
  }
  if (parallelism > maxParallelism) report('parallelism-above-max', { path: '$.parallelism' }, { parallelism, max: maxParallelism });
  document.tests.forEach((test, index) => {
    if (test.pattern !== undefined && !document.patterns.some(({ id }) => id === test.pattern)) {
      report('test-of-unknown-pattern', { path: `$.tests[${index}].pattern` }, { name: test.name, pattern: test.pattern });
    }
    if (!test.events && test.sample === undefined) report('test-without-events', { path: `$.tests[${index}]` }, { name: test.name });
  });
}

/** Whether there is, or may be, more than one. */
const hasSeveralSplits = (source: SourceSpec): boolean =>
  (source.kind === 'generator' ? (source.splits ?? 1) > 1 : (source.files?.length ?? 0) > 1 || (source.files?.some((file) => 'path' in file && file.path.includes('*')) ?? false));

function checkSchema(schema: EventSchema, report: Report): void {
  if (schema.fields.length === 0) return report('no-fields', { path: '$.schema.fields' });
  const seen = new Set<string>();
  schema.fields.forEach(({ name }, index) => {
    const place = { path: `$.schema.fields[${index}].name` };
    if (seen.has(name)) report('duplicate-field', place, { field: name });
    if (isPrototypeName(name)) report('reserved-name', place, { name });
    seen.add(name);
  });
  const time = schema.fields[fieldIndex(schema, schema.time.field)];
  if (!time) report('time-field-missing', { path: '$.schema.time.field' }, { field: schema.time.field });
  else if (time.type !== 'int') report('time-field-type', { path: '$.schema.time.field' }, { field: time.name, type: time.type });
}

/** `commonKey`: fields that are in the key of every pattern. */
type CheckOptions = ValidateOptions & { readonly commonKey: ReadonlySet<string> };

/** One pattern on its way through the checks. */
class PatternCheck {
  readonly #graph: PatternGraph;
  readonly #path: string;
  readonly #schema: EventSchema | null;
  readonly #options: CheckOptions;
  readonly #issues: PatternIssue[];
  readonly #nodeIds = new Set<string>();
  /** Single stages in order; index = stage number. */
  readonly #stages: BuiltStep[] = [];
  /** Steps with a FIRST_AND_LAST window of their own in force. */
  readonly #ownWindows = new Set<BuiltStep>();
  /** Where each step stands, in the order in which steps are built. */
  readonly #places = new Map<BuiltStep, { readonly level: readonly BuiltStep[]; readonly index: number; parent: BuiltStep | null }>();
  readonly #conditions = new Map<BuiltStep, { condition: CheckedCondition | null; until: CheckedCondition | null }>();

  constructor(graph: PatternGraph, path: string, schema: EventSchema | null, options: CheckOptions, issues: PatternIssue[]) {
    this.#graph = graph;
    this.#path = path;
    this.#schema = schema;
    this.#options = options;
    this.#issues = issues;
    const collect = (nodes: readonly PatternNode[]): void => {
      for (const node of nodes) {
        this.#nodeIds.add(node.id);
        if (node.type === 'COMPOSITE') collect(node.nodes);
      }
    };
    collect(graph.nodes);
  }

  /** The pattern, or null where it is no chain or there is no schema; errors are among the issues either way. */
  run(): ValidatedPattern | null {
    const graph = this.#graph;
    if (graph.nodes.length === 0) {
      this.#report('empty-pattern', { path: `${this.#path}.nodes` });
      return null;
    }
    const before = this.#issues.length;
    const steps = this.#build(graph, this.#path);
    const last = steps.at(-1);
    if (last && graph.window) {
      // Flink has no window of a pattern: it is the last step's, called after that step's own
      const counts = this.#wholeMs(graph.window, `${this.#path}.window`);
      last.api.call(['within', counts ? durationMs(graph.window.time) : Number.MAX_SAFE_INTEGER, graph.window.type]);
      if (graph.window.type === 'FIRST_AND_LAST' && this.#ownWindows.delete(last)) {
        this.#report('window-overridden', this.#place(last, 'window'), { name: last.node.name });
      }
    }
    this.#checkNames();
    this.#checkSkipTarget(steps, graph.afterMatchStrategy);
    this.#checkWindows(steps);
    this.#checkTrailingAbsence(steps);
    this.#checkTraps(steps, true);
    this.#checkWhole(steps);
    this.#checkConditions();
    const key = this.#checkKey();
    const tieBreak = this.#checkTieBreak();
    const output = this.#checkOutput(steps);
    if (!this.#schema || !output || this.#issues.slice(before).some((issue) => issue.severity === 'error')) return null;
    return {
      graph,
      steps: this.#steps(steps),
      windowMs: Math.max(0, smallestWindow(steps) ?? 0),
      skip: graph.afterMatchStrategy,
      key,
      tieBreak,
      stageNames: this.#stages.map((stage) => stage.node.name),
      stageIds: this.#stages.map((stage) => stage.node.id),
      advanceEveryKey: graph.advanceEveryKey,
      output,
    };
  }

  // --- building

  #build(level: { readonly nodes: readonly PatternNode[]; readonly edges: PatternGraph['edges'] }, path: string): BuiltStep[] {
    const chain = chainOf(level, path, this.#graph.id, (id) => this.#nodeIds.has(id));
    this.#issues.push(...chain.issues);
    const steps: BuiltStep[] = [];
    for (const { node, index, edge } of chain.entries) {
      const at = `${path}.nodes[${index}]`;
      // Flink builds what is in a group before the group
      const group = node.type === 'COMPOSITE' ? this.#build(node, at) : null;
      const api = new ApiStep(node.name, edge ? LINKS[edge.type] : 'begin', group !== null, steps.at(-1)?.api ?? null);
      const step: BuiltStep = { node, path: at, api, group };
      this.#places.set(step, { level: steps, index: steps.length, parent: null });
      for (const inner of group ?? []) this.#placed(inner).parent = step;
      steps.push(step);
      if (api.linkRefusal) this.#refusal(api.linkRefusal, step);
      if (group) {
        if (group.length === 0) this.#report('empty-group', this.#place(step, 'nodes'), { name: node.name });
        if (api.isGate) this.#report('gate-is-group', this.#place(step), { name: node.name });
      } else {
        this.#stages.push(step);
      }
      this.#makeCalls(step);
    }
    return steps;
  }

  #makeCalls(step: BuiltStep): void {
    const { node, api } = step;
    const { properties, times } = node.quantifier;
    const kinds = new Set(properties.filter((property) => property === 'SINGLE' || property === 'LOOPING' || property === 'TIMES'));
    if (kinds.size === 0) this.#report('quantifier-kind-missing', this.#place(step, 'quantifier.properties'), { name: node.name });
    if (kinds.has('SINGLE') && kinds.size > 1) this.#report('quantifier-twice', this.#place(step, 'quantifier.properties'), { name: node.name });
    if (kinds.has('TIMES') && !times) this.#report('times-missing', this.#place(step, 'quantifier.times'), { name: node.name });
    if (kinds.has('SINGLE') && kinds.size === 1 && times) this.#report('times-ignored', this.#place(step, 'quantifier.times'), { name: node.name });
    if (times?.windowTime) this.#wholeMs({ time: times.windowTime }, `${step.path}.quantifier.times.windowTime`, step);
    const window = node.window && this.#wholeMs(node.window, `${step.path}.window`, step);
    const reported = new Set<string>();
    for (const call of callsOf(node, { greedyFirst: this.#options.greedyFirst?.has(node.id) ?? false })) {
      if (call[0] === 'within') {
        if (!window) continue;
        if (call[2] === 'FIRST_AND_LAST') this.#ownWindows.add(step);
      }
      const refusal = api.call(call);
      if (!refusal || reported.has(refusal.code)) continue;
      reported.add(refusal.code);
      this.#refusal(refusal, step, CALL_FIELDS[call[0]]);
    }
    if (api.isGate && !step.group && api.condition === null) this.#report('gate-without-condition', this.#place(step, 'condition'), { name: node.name });
  }

  /** Whether the window is a whole number of milliseconds that can be counted; reports where not. */
  #wholeMs(window: Pick<Window, 'time'>, path: string, step: BuiltStep | null = null): boolean {
    const ms = durationMs(window.time);
    if (Number.isSafeInteger(ms)) return true;
    const place = { path: `${path}${path.endsWith('windowTime') ? '' : '.time'}`, patternId: this.#graph.id, nodeId: step?.node.id ?? null };
    this.#report(Math.abs(ms) > Number.MAX_SAFE_INTEGER ? 'window-too-long' : 'window-not-whole', place, { size: window.time.size, unit: window.time.unit.toLowerCase() });
    return false;
  }

  // --- what Flink checks when it compiles, in its order

  #checkNames(): void {
    const later = new Map<string, BuiltStep | null>([[END_STATE, null]]);
    for (const step of this.#stages.toReversed()) {
      const { name } = step.node;
      const first = later.get(name);
      if (first === undefined) {
        later.set(name, step);
        continue;
      }
      this.#refusal({
        code: first === null ? 'reserved-stage-name' : 'duplicate-stage-name', values: { name },
        flink: malformed(`Duplicate pattern name: ${name}. Names must be unique.`),
      }, first ?? step, 'name');
    }
    for (const step of this.#stages) {
      const { name } = step.node;
      const place = this.#place(step, 'name');
      if (isPrototypeName(name)) this.#report('reserved-name', place, { name });
      if (name.includes(':')) this.#report('stage-name-colon', place, { name, cut: name.slice(0, name.indexOf(':')) });
      if (this.#isCase) continue;
      if (name === END_STATE) continue;
      const suggestion = identifierLike(name, later.keys());
      if (!isIdentifier(name)) this.#report('stage-name-not-identifier', place, { name, suggestion });
      else if (isReservedWord(name)) this.#report('stage-name-reserved', place, { name, suggestion });
    }
  }

  #checkSkipTarget(steps: readonly BuiltStep[], skip: AfterMatch): void {
    if (skip.type !== 'SKIP_TO_FIRST' && skip.type !== 'SKIP_TO_LAST') return;
    const place = { path: `${this.#path}.afterMatchStrategy`, patternId: this.#graph.id };
    const target = skip.patternName;
    if (target === null) return this.#report('skip-target-missing', place, { strategy: skip.type });
    // Flink gives every group the same name
    const index = steps.findIndex((step) => (step.group ? GROUP_NAME : step.node.name) === target);
    const step = steps[index];
    if (!step) {
      this.#issues.push(makeIssue('skip-target-not-found', { ...place, path: `${place.path}.patternName` }, { target },
        malformed('The pattern name specified in AfterMatchSkipStrategy can not be found in the given Pattern')));
      return;
    }
    if (step.api.isGate || step.group) return this.#report('skip-target-never-taken', place, { target });
    if (!skip.throwOnMiss) return;
    if (skip.type === 'SKIP_TO_FIRST' && canBeEmpty(steps.slice(0, index))) this.#report('skip-to-own-start', place, { target });
    else if (stepCanBeEmpty(step)) this.#report('skip-target-optional', place, { target });
  }

  #checkWindows(steps: readonly BuiltStep[]): void {
    const smallest = smallestWindow(steps);
    if (smallest !== null) {
      for (const { step, ms } of gapWindows(steps)) {
        if (ms <= smallest) continue;
        this.#refusal({
          code: 'gap-window-above-window', values: { name: step.node.name, gapMs: ms, windowMs: smallest },
          flink: malformed('The window length between the previous and current event cannot be larger than the window length between the first and last event for a Pattern.'),
        }, step, step.api.times ? 'quantifier.times.windowTime' : 'window');
      }
    }
    const windows = firstAndLastWindows(steps);
    const inForce = windows.filter((window) => window.use !== 'ignored-last-in-group');
    for (const { step, ms, use } of windows) {
      const own = this.#ownWindows.has(step);
      const place = own ? this.#place(step, 'window') : { path: `${this.#path}.window`, patternId: this.#graph.id };
      if (ms <= 0 && use !== 'ignored-last-in-group') this.#report('window-not-positive', place, { ms });
      if (own) this.#report(WINDOW_CODES[use], place, { name: step.node.name });
    }
    if (inForce.length > 1) this.#report('several-windows', { path: this.#path, patternId: this.#graph.id }, { ms: smallest ?? 0 });
    this.#checkGapWindows(steps, true);
  }

  #checkGapWindows(steps: readonly BuiltStep[], top: boolean): void {
    steps.forEach((step, index) => {
      const { api, node } = step;
      const name = node.name;
      const gap = api.previousAndCurrentMs;
      if (gap !== null) {
        const place = node.window?.type === 'PREVIOUS_AND_CURRENT' ? this.#place(step, 'window') : { path: `${this.#path}.window`, patternId: this.#graph.id, nodeId: node.id };
        const endsPattern = top && index === steps.length - 1;
        const code: IssueCode | null = step.group ? 'gap-window-on-group' : api.times ? 'gap-window-on-repeated'
          : api.link === 'notFollowedBy' && !endsPattern ? 'gap-window-on-gate' : top && index === 0 ? 'gap-window-on-first'
            : gap <= 0 ? 'gap-window-not-positive' : null;
        if (code) this.#report(code, place, { name, ms: gap });
      }
      const timesMs = api.times?.windowMs ?? null;
      const written = node.quantifier.times?.windowTime;
      if (written) {
        const place = this.#place(step, 'quantifier.times.windowTime');
        if (step.group) this.#report('times-window-on-group', place, { name });
        else if (timesMs === null || (!api.has('LOOPING') && (api.times?.to ?? 1) < 2)) this.#report('times-window-ignored', place, { name });
        else this.#report(api.has('LOOPING') ? 'times-window-loop' : 'times-window', place, { name, ms: timesMs });
      }
      if (step.group) this.#checkGapWindows(step.group, false);
    });
  }

  #checkTrailingAbsence(steps: readonly BuiltStep[]): void {
    const last = steps.at(-1);
    if (!last || !last.api.isGate || steps.length === 1) return;
    const { api, node } = last;
    const place = this.#place(last);
    if (api.link === 'notNext') return this.#report('trailing-not-next', place, { name: node.name });
    const smallest = smallestWindow(steps);
    if ((api.previousAndCurrentMs ?? 0) > 0) return;
    if (smallest === null || smallest === 0) {
      this.#refusal({
        code: 'trailing-not-without-window', values: { name: node.name },
        flink: malformed('NotFollowedBy is not supported without windowTime as a last part of a Pattern!'),
      }, last);
    } else if (smallest < 0) {
      this.#report('trailing-not-negative-window', place, { name: node.name });
    } else if ((api.firstAndLastMs ?? 0) <= 0) {
      this.#report('trailing-not-window-elsewhere', place, { name: node.name });
    }
  }

  // --- what Flink accepts and hangs, crashes or misunderstands

  /** `start`: nothing need have happened before these steps. */
  #checkTraps(steps: readonly BuiltStep[], start: boolean, parents: readonly BuiltStep[] = []): void {
    let mayBeStart = start;
    steps.forEach((step, index) => {
      const { api, node } = step;
      const name = node.name;
      const previous = steps[index - 1];
      const last = index === steps.length - 1;
      if (api.isGate && index > 0 && mayBeStart && !api.linkRefusal && !this.#isCase) this.#report('not-after-empty-start', this.#place(step), { name });
      if (step.group) {
        if (api.has('LOOPING') && step.group.length > 0 && canBeEmpty(step.group)) this.#report('looping-group-can-be-empty', this.#place(step), { name });
        this.#checkTraps(step.group, mayBeStart, [...parents, step]);
      }
      if (api.has('GREEDY') && !api.isGate && !step.group && api.times && api.inner !== 'SKIP_TILL_ANY') {
        const { from, to } = api.times;
        const place = this.#place(step, 'quantifier');
        if (!api.has('LOOPING') && from === to) this.#report('greedy-exact', place, { name, times: from });
        else if (last && parents.length === 0) this.#report('greedy-on-last', place, { name });
        else if (!api.has('LOOPING')) this.#report('greedy-range', place, { name, from, to });
      }
      if (api.has('LOOPING') && api.has('GREEDY') && api.has('OPTIONAL') && api.until !== null && afterAbsence(api) && !this.#isCase) {
        this.#report('greedy-optional-until-after-not', this.#place(step), { name });
      }
      if (api.has('OPTIONAL') && !api.isGate && previous?.api.link === 'notFollowedBy') {
        this.#report('not-before-optional', this.#place(step), { gate: previous.node.name, name });
      }
      if (parents.length > 0 && last && api.link === 'notFollowedBy' && !this.#waitsInGroup(step, parents)) {
        this.#report('trailing-not-in-group', this.#place(step), { name, group: parents.at(-1)?.node.name ?? '' });
      }
      mayBeStart &&= stepCanBeEmpty(step);
    });
  }

  /** Flink makes an absence at the end of groups wait only where nothing at all follows and a window is set just there. */
  #waitsInGroup(step: BuiltStep, parents: readonly BuiltStep[]): boolean {
    const top = parents[0];
    const endsPattern = parents.every((parent, depth) => {
      const level = depth === 0 ? null : parents[depth - 1]?.group;
      return !parent.api.has('LOOPING') && (level === null || level === undefined ? !this.#followed(parent) : level.at(-1) === parent);
    });
    return endsPattern && (step.api.previousAndCurrentMs !== null || (top?.api.firstAndLastMs ?? 0) > 0);
  }

  #followed(step: BuiltStep): boolean {
    return this.#graph.edges.some((edge) => edge.source === step.node.id);
  }

  #checkWhole(steps: readonly BuiltStep[]): void {
    const place = { path: this.#path, patternId: this.#graph.id };
    const { output, afterMatchStrategy, advanceEveryKey } = this.#graph;
    const windowMs = smallestWindow(steps) ?? 0;
    const gaps = gapWindows(steps).filter((gap) => gap.ms > 0);
    if (canBeEmpty(steps) && !steps.every((step) => step.api.isGate)) this.#report('only-optional', place);
    const waits = windowMs <= 0 && waitsForEver(steps, true);
    if (waits) this.#report('no-window', { ...place, path: `${this.#path}.window` });
    if (waits && afterMatchStrategy.type !== 'NO_SKIP') this.#report('skip-holds-back', { ...place, path: `${this.#path}.afterMatchStrategy` });
    if (windowMs <= 0 && gaps.length > 0 && !advanceEveryKey
      && (steps.at(-1)?.api.link === 'notFollowedBy' || output.timedOut || afterMatchStrategy.type !== 'NO_SKIP')) {
      this.#report('gap-window-needs-event', { ...place, path: `${this.#path}.window` });
    }
    if (output.timedOut && windowMs <= 0 && gaps.length === 0) this.#report('timed-out-without-window', { ...place, path: `${this.#path}.output.timedOut` });
    if (!output.timedOut && output.timedOutText !== null) this.#report('timed-out-text-unused', { ...place, path: `${this.#path}.output.timedOutText` });
  }

  // --- conditions, key, output

  get #isCase(): boolean {
    return this.#options.origin === 'case';
  }

  get #scope(): ConditionScope | null {
    return this.#schema && { schema: this.#schema, stages: [...new Set(this.#stages.map((stage) => stage.node.name))], hasEvent: true };
  }

  #checkConditions(): void {
    const scope = this.#scope;
    if (!scope) return;
    for (const step of this.#places.keys()) {
      const { api } = step;
      this.#conditions.set(step, {
        condition: this.#condition(api.condition, scope, step, 'condition.expression'),
        until: this.#condition(api.until, scope, step, 'quantifier.untilCondition.expression'),
      });
    }
  }

  #condition(text: string | null, scope: ConditionScope, step: BuiltStep, field: string): CheckedCondition | null {
    if (text === null) return null;
    const checked = checkCondition(text, scope);
    this.#pass(checked.ok ? checked.notes : checked.issues, checked.ok, `${step.path}.${field}`, step.node.id);
    if (!checked.ok) return null;
    this.#checkReads(checked.condition, step, `${step.path}.${field}`);
    return checked.condition;
  }

  /** Lists that are always empty, and lists that are empty when Flink first asks. */
  #checkReads(condition: CheckedCondition, step: BuiltStep, path: string): void {
    const own = step.group ? -1 : this.#stages.indexOf(step);
    const end = step.group ? this.#stages.length : own;
    const place = { path, patternId: this.#graph.id, nodeId: step.node.id };
    const { previous } = step.api;
    const askedEarly = step.api.isGate || previous?.has('GREEDY') || previous?.has('OPTIONAL');
    const justTaken = askedEarly ? this.#justBefore(step) : new Set<string>();
    for (const name of condition.stages) {
      const at = this.#stages.findIndex((stage) => stage.node.name === name);
      const read = this.#stages[at];
      if (!read) continue;
      if (read.api.isGate) this.#report('condition-reads-gate', place, { stage: name, name: step.node.name });
      // in a group that repeats, a later stage of the round before may be read
      else if (at > end && !this.#shareRepeatedGroup(step, read)) this.#report('condition-reads-later-stage', place, { stage: name, name: step.node.name });
      else if (justTaken.has(name) && needsElement(condition, name)) this.#report('condition-meets-empty-list', place, { stage: name, name: step.node.name });
    }
  }

  #placed(step: BuiltStep): { readonly level: readonly BuiltStep[]; readonly index: number; parent: BuiltStep | null } {
    const place = this.#places.get(step);
    invariant(place, `step ${step.path} has no place`);
    return place;
  }

  #parents(step: BuiltStep): BuiltStep[] {
    const { parent } = this.#placed(step);
    return parent ? [parent, ...this.#parents(parent)] : [];
  }

  #shareRepeatedGroup(a: BuiltStep, b: BuiltStep): boolean {
    const around = new Set([a, ...this.#parents(a)]);
    return [b, ...this.#parents(b)].some((step) => step.group && around.has(step) && (step.api.has('LOOPING') || (step.api.times?.to ?? 1) > 1));
  }

  /** Names of the stages whose event may have been taken last when the step is reached. */
  #justBefore(step: BuiltStep): Set<string> {
    const names = new Set<string>();
    const add = (steps: readonly BuiltStep[]): void => {
      for (const { group, node } of steps) if (group) add(group); else names.add(node.name);
    };
    let { level, index, parent } = this.#placed(step);
    for (;;) {
      for (index--; index >= 0; index--) {
        const before = level[index] as BuiltStep;
        if (before.api.isGate) continue;
        add([before]);
        if (!stepCanBeEmpty(before)) return names;
      }
      if (!parent) return names;
      ({ level, index, parent } = this.#placed(parent));
    }
  }

  /** Hands on the issues of a condition or a template, with their place in the document. Notes that change nothing stay with the editor of the text. */
  #pass(found: readonly ConditionIssue[], warnings: boolean, path: string, nodeId: string | null): void {
    for (const issue of found) {
      if (issue.code === 'int-literal-as-double' || issue.code === 'int-as-double') continue;
      this.#issues.push({
        code: issue.code, severity: warnings ? 'warning' : 'error', path, patternId: this.#graph.id, nodeId,
        message: issue.message, values: issue.values, fix: issue.fix, range: { start: issue.start, end: issue.end },
      });
    }
  }

  #checkKey(): number[] {
    const schema = this.#schema;
    if (!schema) return [];
    const seen = new Set<string>();
    return this.#graph.key.map((field, index) => {
      const place = { path: `${this.#path}.key[${index}]`, patternId: this.#graph.id };
      const at = fieldIndex(schema, field);
      if (at < 0) {
        const near = nearest(field, schema.fields.map((known) => known.name));
        this.#report('unknown-key-field', place, { field, suggestion: near === null ? 'Choose one of the fields.' : `Did you mean ${near}?` });
      } else if (seen.has(field)) {
        this.#report('duplicate-key-field', place, { field });
      } else if (schema.fields[at]?.optional) {
        this.#report(this.#options.commonKey.has(field) ? 'key-field-optional' : 'key-field-optional-here', place, { field });
      }
      seen.add(field);
      return at;
    });
  }

  #checkTieBreak(): TieBreakField[] {
    const schema = this.#schema;
    if (!schema) return [];
    const fields: TieBreakField[] = [];
    (this.#graph.tieBreak ?? []).forEach(({ field: name, order }, position) => {
      const place = { path: `${this.#path}.tieBreak[${position}].field` };
      const field = fieldIndex(schema, name);
      const known = nearest(name, schema.fields.map((item) => item.name));
      if (field < 0) this.#report('unknown-tie-break-field', place, { field: name, suggestion: known === null ? 'Choose one of the fields.' : `Did you mean "${known}"?` });
      else if (fields.some((before) => before.field === field)) this.#report('duplicate-tie-break-field', place, { field: name });
      else if (name === schema.time.field) this.#report('tie-break-by-time', place, { field: name });
      if (field >= 0) fields.push({ field, descending: order === 'DESC' });
    });
    return fields;
  }

  #checkOutput(steps: readonly BuiltStep[]): ValidatedPattern['output'] | null {
    const scope = this.#scope;
    if (!scope || steps.length === 0) return null;
    const { text, timedOut, timedOutText, late } = this.#graph.output;
    const template = (source: string | null, field: string): CheckedTemplate | null => {
      if (source === null) return null;
      const checked = checkTemplate(source, { ...scope, hasEvent: false });
      this.#pass(checked.ok ? checked.notes : checked.issues, checked.ok, `${this.#path}.output.${field}`, null);
      return checked.ok ? checked.template : null;
    };
    return { text: template(text, 'text'), timedOut, timedOutText: template(timedOutText, 'timedOutText'), late };
  }

  // --- the answer

  #steps(steps: readonly BuiltStep[]): Step[] {
    return steps.map((step) => {
      const { api, node } = step;
      const checked = this.#conditions.get(step);
      const ms = api.previousAndCurrentMs ?? api.firstAndLastMs;
      return {
        nodeId: node.id,
        name: node.name,
        stage: step.group ? -1 : this.#stages.indexOf(step),
        link: api.link,
        condition: checked?.condition ?? null,
        until: checked?.until ?? null,
        quantifier: {
          kind: api.has('LOOPING') ? 'looping' : api.has('TIMES') ? 'times' : 'single',
          from: api.times?.from ?? 1,
          to: api.times?.to ?? 1,
          optional: api.has('OPTIONAL'),
          greedy: api.has('GREEDY'),
          inner: api.inner === 'STRICT' ? 'consecutive' : api.inner === 'SKIP_TILL_ANY' ? 'allowCombinations' : 'skipTillNext',
          windowMs: api.times?.windowMs ?? null,
        },
        window: ms === null ? null : { type: api.previousAndCurrentMs === null ? 'FIRST_AND_LAST' : 'PREVIOUS_AND_CURRENT', ms },
        group: step.group && this.#steps(step.group),
      };
    });
  }

  // --- places

  #place(step: BuiltStep, field: string | null = null): IssuePlace {
    return { path: field === null ? step.path : `${step.path}.${field}`, patternId: this.#graph.id, nodeId: step.node.id };
  }

  #report(code: IssueCode, place: IssuePlace, values?: Readonly<Record<string, string | number>>): void {
    this.#issues.push(makeIssue(code, { patternId: this.#graph.id, ...place }, values));
  }

  #refusal(refusal: ApiRefusal, step: BuiltStep, field: string | null = null): void {
    this.#issues.push(makeIssue(refusal.code, this.#place(step, field), refusal.values, refusal.flink));
  }
}

const END_STATE = '$endState$';
const GROUP_NAME = 'GroupPattern';
const LINKS = {
  STRICT: 'next', SKIP_TILL_NEXT: 'followedBy', SKIP_TILL_ANY: 'followedByAny', NOT_NEXT: 'notNext', NOT_FOLLOW: 'notFollowedBy',
} as const satisfies Record<string, StepLink>;
const WINDOW_CODES = {
  pattern: 'window-on-stage', group: 'window-on-group', 'in-group': 'window-in-group', 'ignored-last-in-group': 'window-last-in-group',
} as const satisfies Record<string, IssueCode>;
/** The member of a node that a call comes from. */
const CALL_FIELDS = {
  where: 'condition', or: 'condition', subtype: 'condition', until: 'quantifier.untilCondition', oneOrMore: 'quantifier', timesOrMore: 'quantifier.times',
  times: 'quantifier.times', optional: 'quantifier.properties', greedy: 'quantifier.properties', consecutive: 'quantifier.consumingStrategy',
  allowCombinations: 'quantifier.consumingStrategy', within: 'window',
} as const;

const malformed = (message: string): FlinkRefusal => ({ exception: 'MalformedPatternException', message });

/** Whether an absence precedes the step, with nothing but optional steps in between. */
function afterAbsence(api: ApiStep): boolean {
  for (let at = api.previous; at; at = at.previous) {
    if (at.link === 'notFollowedBy') return true;
    if (!at.has('OPTIONAL')) return false;
  }
  return false;
}

/** Whether some attempt waits without end for an event that need not come. */
function waitsForEver(steps: readonly BuiltStep[], top: boolean): boolean {
  return steps.some(({ api, group }, index) => {
    const waitsToStart = (index > 0 || !top) && (api.link === 'followedBy' || api.link === 'followedByAny');
    const repeats = api.has('LOOPING') ? api.until === null : (api.times?.to ?? 1) > 1;
    return waitsToStart || (repeats && api.inner !== 'STRICT') || waitsForEver(group ?? [], false);
  });
}

/** Whether a condition takes an element of the stage's list, or a mean or extreme of it, without ever asking its size. */
function needsElement(condition: CheckedCondition, stage: string): boolean {
  let sized = false;
  let needs = false;
  const isList = (node: Expression | undefined): boolean =>
    node?.kind === 'macro' ? node.macro === 'map' && isList(node.list) : node?.kind === 'stage' && node.name === stage;
  walk(condition.expression, (node) => {
    if (node.kind === 'index') needs ||= isList(node.list);
    if (node.kind !== 'call') return;
    if (node.id === 'size-list') sized ||= isList(node.args[0]);
    if (node.id === 'avg' || node.id === 'min' || node.id === 'max') needs ||= isList(node.args[0]);
  });
  return needs && !sized;
}
