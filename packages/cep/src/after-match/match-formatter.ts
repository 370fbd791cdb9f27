/**
 * Match formatter: from a match in the engine's arenas to its output line. Used at the sink's door, by `match` and by
 * the test dock, so that all three write the same lines with the same ids.
 *
 * Shape   {"matchId","pattern","kind","key":[…],"start":ms,"end":ms,"text"?,"stages":{name:[{field:value}]},
 *         "positions":{name:["split:position"]}}; stages in the order of their first event, fields in schema order,
 *         absent ones left out; `end` is the time of the completing event, or when time completed or ended it.
 *         A late event has one stage "event"; a dead letter is no pattern's: it has split, position,
 *         offset, reason, field, detail, excerpt.
 * Always  a line is a function of the document and the events: nothing of watermark, attempt, checkpoint or worker.
 */
import { ByteWriter, JobFault } from '@tidemark/core';
import { CostExceeded, EVALUATION_BUDGET, type EvaluationContext, RowList, compileTemplate } from '@tidemark/condition';
import { type Column, type ColumnSet, type DeadLetter, type EventBatch, type FieldValue, fieldValue } from '@tidemark/event';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { EmittedMatch } from '../partial-matches/emitted-match.ts';
import { idOf, writeKey } from './match-id.ts';

export interface OutputLine {
  /** Unique in the job's output and the same in every replay. */
  readonly matchId: string;
  readonly kind: 'match' | 'timed-out' | 'late' | 'dead-letter';
  readonly patternId: string;
  /** JSON without a line end. */
  readonly line: string;
}

const KIND_TAG = { match: 1, 'timed-out': 2, late: 3, 'dead-letter': 4 } as const;

export class MatchFormatter {
  readonly #job: ValidatedJob;
  readonly #pattern: ValidatedPattern;
  readonly #patternId: string;
  readonly #fieldNames: readonly string[];
  readonly #stageNames: readonly string[];
  readonly #writer = new ByteWriter(512);
  readonly #text: ((context: EvaluationContext) => string) | null;
  readonly #timedOutText: ((context: EvaluationContext) => string) | null;
  readonly #rows: readonly RowList[];
  readonly #context: EvaluationContext;

  /** `pattern`: index in the job, default 0. */
  constructor(job: ValidatedJob, pattern = 0) {
    this.#job = job;
    this.#pattern = job.patterns[pattern] as ValidatedPattern;
    this.#patternId = this.#pattern.graph.id;
    this.#fieldNames = job.schema.fields.map(({ name }) => JSON.stringify(name));
    this.#stageNames = this.#pattern.stageNames.map((name) => JSON.stringify(name));
    const scope = { stages: this.#pattern.stageNames };
    const { text, timedOutText } = this.#pattern.output;
    this.#text = text === null ? null : compileTemplate(text, scope);
    this.#timedOutText = timedOutText === null ? null : compileTemplate(timedOutText, scope);
    this.#rows = this.#pattern.stageNames.map(() => new RowList());
    const none = { schema: job.schema, columns: [], time: new Float64Array() };
    this.#context = { batch: none, row: 0, retained: none, budget: EVALUATION_BUDGET, rows: (stage) => this.#rows[stage] as RowList };
  }

  /** Match, timed-out partial match or late event. The match is read during the call and not kept. */
  format(match: EmittedMatch): OutputLine {
    const { kind, events } = match;
    const key = match.key;
    if (kind === 'late') return this.#late(events, match.rowAt(0), match.at, key, events.splitOf(match.rowAt(0)), events.positionOf(match.rowAt(0)));
    const writer = this.#begin(kind, key);
    writer.u32(match.length);
    for (let i = 0; i < match.length; i += 1) {
      const row = match.rowAt(i);
      writer.i32(match.stageAt(i));
      writer.u32(events.splitOf(row));
      writer.f64(events.positionOf(row));
    }
    const { completedBy } = match;
    writer.bool(completedBy === null);
    if (completedBy === null) writer.f64(match.end);
    else {
      writer.u32(completedBy.split);
      writer.f64(completedBy.position);
    }
    writer.u32(match.ordinal);
    const matchId = idOf(writer);
    const start = events.timeOf(match.rowAt(0));
    let line = `{"matchId":"${matchId}","pattern":${JSON.stringify(this.#patternId)},"kind":"${kind}","key":${keyText(key)},"start":${start},"end":${match.end}`;
    const template = kind === 'match' ? this.#text : this.#timedOutText;
    if (template !== null) line += `,"text":${JSON.stringify(this.#textOf(match, template))}`;
    return { matchId, kind, patternId: this.#patternId, line: `${line}${this.#stagesOf(match)}}` };
  }

  /** A late event, given as the row of its batch. */
  late(batch: EventBatch, row: number): OutputLine {
    return this.#late(batch, row, batch.time[row] as number, this.#pattern.key.map((field) => fieldValue(batch, field, row)), batch.split, batch.position[row] as number);
  }

  #late(rows: ColumnSet, row: number, time: number, key: readonly FieldValue[], split: number, position: number): OutputLine {
    const writer = this.#begin('late', key);
    writer.u32(split);
    writer.f64(position);
    const matchId = idOf(writer);
    const line = `{"matchId":"${matchId}","pattern":${JSON.stringify(this.#patternId)},"kind":"late","key":${keyText(key)},"start":${time},"end":${time}`
      + `,"stages":{"event":[${this.#eventText(rows, row)}]},"positions":{"event":["${split}:${position}"]}}`;
    return { matchId, kind: 'late', patternId: this.#patternId, line };
  }

  deadLetter(letter: DeadLetter): OutputLine {
    const writer = this.#begin('dead-letter', []);
    writer.u32(letter.split);
    writer.f64(letter.position);
    const matchId = idOf(writer);
    const { split, position, offset, reason, field, detail, excerpt } = letter;
    const line = JSON.stringify({ matchId, kind: 'dead-letter', split, position, offset, reason, field, detail, excerpt });
    return { matchId, kind: 'dead-letter', patternId: this.#patternId, line };
  }

  #begin(kind: OutputLine['kind'], key: readonly FieldValue[]): ByteWriter {
    const writer = this.#writer;
    writer.clear();
    writer.u8(1);
    writer.text(this.#job.document.id);
    writer.text(this.#job.versionHash);
    writer.text(this.#patternId);
    writer.u8(KIND_TAG[kind]);
    writeKey(writer, key);
    return writer;
  }

  #textOf(match: EmittedMatch, template: (context: EvaluationContext) => string): string {
    for (const list of this.#rows) list.clear();
    for (let i = 0; i < match.length; i += 1) (this.#rows[match.stageAt(i)] as RowList).push(match.rowAt(i));
    this.#context.batch = match.events;
    this.#context.retained = match.events;
    this.#context.budget = EVALUATION_BUDGET;
    try {
      return template(this.#context);
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      throw new JobFault(`The output text of pattern ${this.#pattern.graph.name} costs too much for one match: ${error.message}.`, {
        domain: 'user', retry: 'no-retry', code: 'text-cost', operatorId: this.#patternId, remedy: 'Make the text shorter.',
      }, { cause: error });
    }
  }

  /** `,"stages":{…},"positions":{…}` */
  #stagesOf(match: EmittedMatch): string {
    const { events, length } = match;
    const order: number[] = [];
    const rows: string[] = [];
    const places: string[] = [];
    for (let i = 0; i < length; i += 1) {
      const stage = match.stageAt(i);
      const row = match.rowAt(i);
      const known = rows[stage];
      const place = `"${events.splitOf(row)}:${events.positionOf(row)}"`;
      if (known === undefined) {
        order.push(stage);
        rows[stage] = this.#eventText(events, row);
        places[stage] = place;
      } else {
        rows[stage] = `${known},${this.#eventText(events, row)}`;
        places[stage] = `${places[stage]},${place}`;
      }
    }
    const list = (texts: readonly string[]): string => order.map((stage) => `${this.#stageNames[stage]}:[${texts[stage]}]`).join();
    return `,"stages":{${list(rows)}},"positions":{${list(places)}}`;
  }

  #eventText(rows: ColumnSet, row: number): string {
    let text = '';
    for (let field = 0; field < this.#fieldNames.length; field += 1) {
      const column = rows.columns[field] as Column;
      if (column.present[row] === 0) continue;
      const value = column.kind === 'string' ? JSON.stringify(column.dictionary.text(column.codes[row] as number))
        : column.kind === 'bool' ? String(column.values[row] === 1)
          : JSON.stringify(column.values[row]);
      text += `${text === '' ? '' : ','}${this.#fieldNames[field]}:${value}`;
    }
    return `{${text}}`;
  }
}

const keyText = (key: readonly FieldValue[]): string => JSON.stringify(key);

/** One match as its line. Who formats many keeps a MatchFormatter. */
export const formatMatch = (match: EmittedMatch, job: ValidatedJob): OutputLine => new MatchFormatter(job, match.pattern).format(match);
