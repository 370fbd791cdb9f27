/**
 * Undo and redo: a value beside the document, never in it.
 *
 *   HI1  One gesture is one entry: a command is, and so are all commands of one group (a drag, the typing in one field
 *        while it has the focus) that follow each other.
 *   HI2  Undo gives back the very document before the entry; redo the one after it. A new edit forgets what was undone.
 *   HI3  A command that changes nothing makes no entry. At least 100 entries are kept.
 *   HI4  Selection, zoom and running jobs are no part of it; moves are. Taking a newer revision clears it (historyOf).
 */
import type { JobDocument } from '@tidemark/pattern';
import { apply } from './apply.ts';
import type { Command, CommandKind } from './command.ts';

export const HISTORY_ENTRIES_MAX = 200;

/** What "Undo …" says: the kind of the first command of the entry, for the page's words, and how many stages it was about. */
export interface ActionName { readonly kind: CommandKind; readonly count: number }

interface Entry {
  readonly before: JobDocument;
  readonly after: JobDocument;
  readonly action: ActionName;
  readonly group: string | null;
}
export interface History {
  readonly present: JobDocument;
  /** Oldest first. */
  readonly past: readonly Entry[];
  /** What was undone, last undone last. */
  readonly future: readonly Entry[];
  /** The last entry takes further commands of its group. */
  readonly open: boolean;
}

export const historyOf = (document: JobDocument): History => ({ present: document, past: [], future: [], open: false });

/**
 * Makes the command. Commands with the same `group`, one after the other, are one entry until `endGroup`:
 * `drag:7`, `condition:s1`.
 */
export function execute(history: History, command: Command, group: string | null = null): History {
  const before = history.present;
  const after = apply(before, command);
  if (after === before) return history;
  const last = history.past.at(-1);
  if (history.open && group !== null && last?.group === group) {
    return { present: after, past: [...history.past.slice(0, -1), { ...last, after }], future: [], open: true };
  }
  const entry: Entry = { before, after, action: { kind: command.kind, count: countOf(command) }, group };
  return { present: after, past: [...history.past, entry].slice(-HISTORY_ENTRIES_MAX), future: [], open: group !== null };
}

/** Several commands as one entry, named by the first that changes something. */
export function executeAll(history: History, commands: readonly Command[]): History {
  let next = endGroup(history);
  for (const command of commands) next = execute(next, command, ALL);
  return endGroup(next);
}
const ALL = '@all';

/** The field has lost the focus, the drag is over: the next command is an entry of its own. */
export const endGroup = (history: History): History => (history.open ? { ...history, open: false } : history);

export function undo(history: History): History {
  const entry = history.past.at(-1);
  return entry ? { present: entry.before, past: history.past.slice(0, -1), future: [...history.future, entry], open: false } : history;
}

export function redo(history: History): History {
  const entry = history.future.at(-1);
  return entry ? { present: entry.after, past: [...history.past, entry], future: history.future.slice(0, -1), open: false } : history;
}

/** What the buttons say; null = nothing to undo, or to do again. */
export const undoName = (history: History): ActionName | null => history.past.at(-1)?.action ?? null;
export const redoName = (history: History): ActionName | null => history.future.at(-1)?.action ?? null;

function countOf(command: Command): number {
  switch (command.kind) {
    case 'delete':
    case 'wrap-group': return command.ids.length;
    case 'move': return Object.keys(command.positions).length;
    case 'paste': return command.fragment.nodes.length;
    default: return 1;
  }
}
