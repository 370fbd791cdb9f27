/** The data that a person chose, as one entry of the history. */
import type { Command } from '@tidemark/editor';
import { type ChosenData, withData } from '../../data/index.ts';
import type { DesignStore } from '../../store/design-store.ts';

export function applyData(store: DesignStore, data: ChosenData): void {
  const { document, patternId, executeAll } = store.getState();
  const next = withData(document, data);
  const commands: Command[] = [
    { kind: 'set-schema', schema: next.schema, outOfOrdernessMs: next.outOfOrdernessMs },
    { kind: 'set-source', source: next.source },
    // the key that was chosen is the shown pattern's; another pattern gives up its own only where its fields are gone
    ...next.patterns.filter((pattern, index) => pattern.id === patternId || document.patterns[index]?.key.some((field) => !next.schema?.fields.some(({ name }) => name === field))).map((pattern): Command => ({ kind: 'set-key', patternId: pattern.id, fields: pattern.key })),
  ];
  executeAll(commands);
}
