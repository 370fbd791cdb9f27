import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, decodeDocument, validateDocument } from '@tidemark/pattern';
import { apply } from './apply.ts';
import { blankDocument } from './blank.ts';
import type { Command } from './command.ts';
import { canConnect } from './connect.ts';
import { FIRST, commandOf, gestures } from '../test/gestures-under-test.ts';
import { endGroup, execute, historyOf, redo, undo } from './history.ts';
import { isComplete, layout } from './layout.ts';
import { allNodes, isChain } from './level.ts';
import { outline } from './outline.ts';

const blank = blankDocument({ id: 'j', name: 'J' });
const RUNS = { numRuns: 40 };
describe('any sequence of gestures', () => {
  it('[AP1][AP3] keeps the document decodable, complete in layout and outline, and never throws', () => {
    fc.assert(fc.property(gestures(26), (sequence) => {
      let document = blank;
      [...FIRST, ...sequence].forEach((gesture, serial) => {
        document = apply(document, commandOf(document, gesture, serial));
        const decoded = decodeDocument(JSON.stringify(document));
        expect(decoded.ok ? canonicalJson(decoded.document) : decoded.issues).toBe(canonicalJson(document));
        validateDocument(document);
        const pattern = document.patterns[0]!;
        expect(isComplete(pattern, layout(document, pattern.id))).toBe(true);
        const count = (items: NonNullable<ReturnType<typeof outline>>['items']): number => items.reduce((sum, item) => sum + 1 + count(item.items), 0);
        expect(count(outline(document, pattern.id)?.items ?? [])).toBe(allNodes(pattern).length);
      });
    }), RUNS);
  });

  it('[HI1][HI2][HI3] undo gives back each document, the very object, and redo the one after it', () => {
    fc.assert(fc.property(gestures(26), (sequence) => {
      let history = historyOf(blank);
      const seen = [history.present];
      [...FIRST, ...sequence].forEach((gesture, serial) => {
        const before = history.present;
        history = execute(history, commandOf(before, gesture, serial));
        if (history.present === before) return;
        expect(canonicalJson(history.present)).not.toBe(canonicalJson(before));
        seen.push(history.present);
      });
      for (const document of seen.toReversed().slice(1)) {
        history = undo(history);
        expect(history.present).toBe(document);
      }
      expect(undo(history)).toBe(history);
      for (const document of seen.slice(1)) {
        history = redo(history);
        expect(history.present).toBe(document);
      }
      expect(redo(history)).toBe(history);
    }), RUNS);
  });

  it('[SU1][SU2] adding, inserting, moving and deleting stages and gates keeps one chain', () => {
    // these kinds in commandOf: append, append at, insert, gate, delete, reorder, rename, wrap, unwrap
    const kinds = [0, 1, 3, 4, 5, 7, 8, 17, 18];
    fc.assert(fc.property(gestures(30), (sequence) => {
      let document = blank;
      [...FIRST, ...sequence].forEach((gesture, serial) => {
        document = apply(document, commandOf(document, { ...gesture, kind: kinds[gesture.kind % kinds.length] as number }, serial));
        const chain = (level: Parameters<typeof isChain>[0]): boolean => isChain(level) && level.nodes.every((node) => node.type === 'ATOMIC' || chain(node));
        expect(chain(document.patterns[0]!)).toBe(true);
      });
    }), RUNS);
  });

  it('[AP2] shares what a command is not about, and leaves the document before it alone', () => {
    fc.assert(fc.property(gestures(16), (sequence) => {
      let document = blank;
      [...FIRST, ...sequence].forEach((gesture, serial) => {
        const text = JSON.stringify(document);
        const next = apply(document, commandOf(document, gesture, serial));
        expect(JSON.stringify(document)).toBe(text);
        if (next.patterns[0]?.key === document.patterns[0]?.key) expect(next.limits).toBe(document.limits);
        document = next;
      });
    }), { numRuns: 30 });
  });

  it('[JN1] what may be connected is connected, what may not changes nothing', () => {
    fc.assert(fc.property(gestures(16), fc.nat(99), fc.nat(99), (sequence, a, b) => {
      let document = blank;
      [...FIRST, ...sequence].forEach((gesture, serial) => { document = apply(document, commandOf(document, gesture, serial)); });
      const pattern = document.patterns[0]!;
      const ids = allNodes(pattern).map((node) => node.id);
      const command = { kind: 'connect', patternId: pattern.id, source: ids[a % ids.length] ?? '', target: ids[b % ids.length] ?? '' } as const satisfies Command;
      const allowed = canConnect(document, pattern.id, command.source, command.target);
      const next = apply(document, command);
      expect(next === document).toBe(!allowed.ok);
      if (allowed.ok) expect(canConnect(next, pattern.id, command.source, command.target)).toEqual({ ok: false, reason: 'already-linked' });
    }), RUNS);
  });

  it('[HI1] a group of commands is one entry, whatever they are', () => {
    fc.assert(fc.property(gestures(16), (sequence) => {
      let history = historyOf(blank);
      [...FIRST, ...sequence].forEach((gesture, serial) => { history = execute(history, commandOf(history.present, gesture, serial), 'drag:1'); });
      expect(history.past.length).toBe(1);
      expect(undo(endGroup(history)).present).toBe(blank);
    }), { numRuns: 20 });
  });
});
