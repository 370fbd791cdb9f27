/**
 * The part of an image that holds keys whose runs are kept in common (partial-matches/union-lists.ts).
 *
 * Shape   for each such key: its place among the keys, floor, rows of its events in their order, the records in order of
 *         making (time and four integers each), the list of each state. A first is written as its place below -1 in a
 *         table of firsts (row, stage), an event as its row in the image.
 * Always  what shares in memory shares here: an image is as large as the records, not as the runs. Before it is written
 *         each key has been collected, so records are dense, numbered from 0.
 */
import { type ByteReader, type ByteWriter, JobFault, invariant } from '@tidemark/core';
import { CompactMatcher } from '../partial-matches/compact-matcher.ts';
import { NIL } from '../partial-matches/union-lists.ts';
import type { ImagedRuns } from './imaged-runs.ts';

export function writeLists(writer: ByteWriter, slots: Int32Array, matcher: ImagedRuns, eventAt: Int32Array): void {
  const keys = matcher instanceof CompactMatcher ? [...slots.keys()].filter((key) => matcher.listsOf(slots[key] as number) !== null) : [];
  writer.u32(keys.length);
  if (!(matcher instanceof CompactMatcher)) return;
  const { nodes } = matcher;
  for (const key of keys) {
    const lists = matcher.listsOf(slots[key] as number);
    invariant(lists !== null && (lists.size === 0 || lists.low === 0), 'a key is collected before it is written');
    const { size } = lists;
    const firsts = new Map<number, number>();
    const time = new Float64Array(size);
    const records = new Int32Array(size * 4);
    const place = (node: number): number => {
      if (node >= NIL) return node >= 0 && lists.isOver(node) ? NIL : node;
      let at = firsts.get(node);
      if (at === undefined) {
        at = firsts.size;
        firsts.set(node, at);
      }
      return NIL - 1 - at;
    };
    for (let i = 0; i < size; i += 1) {
      const id = lists.idAt(i);
      time[i] = lists.timeOf(id);
      records[i * 4] = place(lists.first(id));
      records[i * 4 + 1] = lists.isOutput(id) ? (eventAt[lists.second(id)] as number) : place(lists.second(id));
      records[i * 4 + 2] = lists.isOutput(id) ? 0 : place(lists.third(id));
      records[i * 4 + 3] = lists.kindOf(id);
    }
    writer.u32(key);
    writer.f64(lists.floor);
    writer.array(Int32Array.from({ length: lists.rowCount }, (_, i) => eventAt[lists.rowAt(i)] as number));
    writer.array(time);
    writer.array(records);
    writer.array(Int32Array.from(lists.heads, (head) => place(head)));
    writer.array(Int32Array.from(firsts.keys(), (node) => eventAt[nodes.event(node)] as number));
    writer.array(Int32Array.from(firsts.keys(), (node) => nodes.stage(node)));
  }
}

/** `slots`: by place among the keys of the image; -1 = the key belongs to another subtask. */
export function readLists(reader: ByteReader, slots: readonly number[], matcher: ImagedRuns, importEvent: (row: number) => number, patternId: string): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    const slot = slots[reader.u32()] as number;
    const floor = reader.f64();
    const rows = reader.i32Array();
    const time = reader.f64Array();
    const records = reader.i32Array();
    const heads = reader.i32Array();
    const firstEvent = reader.i32Array();
    const firstStage = reader.i32Array();
    if (slot === -1) continue;
    if (!(matcher instanceof CompactMatcher)) throw otherStrategy(patternId);
    const { nodes, events } = matcher;
    const lists = matcher.makeLists(slot);
    lists.floor = floor;
    for (const row of rows) {
      const at = importEvent(row);
      events.retain(at);
      lists.holdRow(at);
    }
    const place = (node: number): number => {
      if (node >= NIL) return node;
      const row = importEvent(firstEvent[NIL - 1 - node] as number);
      invariant(row < nodes.rowLimit, 'rows of restored events fit into the number of a first');
      return nodes.first(firstStage[NIL - 1 - node] as number, row);
    };
    for (let i = 0; i < time.length; i += 1) {
      const isOutput = (records[i * 4 + 3] as number) >= 0;
      lists.restoreNode(
        time[i] as number, place(records[i * 4] as number),
        isOutput ? importEvent(records[i * 4 + 1] as number) : (records[i * 4 + 1] as number), records[i * 4 + 2] as number, records[i * 4 + 3] as number,
      );
    }
    heads.forEach((head, state) => { lists.heads[state] = place(head); });
    matcher.restored(lists);
  }
}

const otherStrategy = (patternId: string): JobFault => new JobFault('The saved state keeps partial matches in common, and this operator was told to keep each by itself.', {
  domain: 'user', retry: 'no-retry', code: 'strategy-not-applicable', operatorId: patternId, remedy: 'Restore it with the strategy `auto` or `compact`.',
});
