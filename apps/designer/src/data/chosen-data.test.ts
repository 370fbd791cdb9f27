import { expect, it } from 'vitest';
import { zJobDocument } from '@tidemark/pattern';
import { type ChosenData, blankDocument, nameOfFile, newDocumentId, withData } from './chosen-data.ts';

const data: ChosenData = {
  name: 'x', schema: { fields: [{ name: 'at', type: 'int' }, { name: 'who', type: 'string', optional: true }], time: { field: 'at', format: 'iso8601' } },
  source: { kind: 'file', sample: 'a'.repeat(64), format: 'csv', rate: { kind: 'per-second', events: 10 } }, key: ['who'], outOfOrdernessMs: 5,
};

it('a blank drawing is a document, and takes over data without touching the rest', () => {
  const blank = blankDocument(newDocumentId(), 'n', 'p');
  const next = zJobDocument.parse(withData(blank, data));
  expect(next).toMatchObject({ schema: data.schema, source: data.source, outOfOrdernessMs: 5, patterns: [{ id: 'pattern', key: ['who'], nodes: [] }], checkpointing: { intervalMs: 2_000 } });
  expect(blank.schema).toBeNull();
});

it('ids differ and fit the document', () => {
  const ids = new Set(Array.from({ length: 50 }, newDocumentId));
  expect(ids.size).toBe(50);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
});

it('names a project by its file', () => {
  expect(['machine_temperature.csv', 'windows-psexec.ndjson', '.csv', 'plain', 'v1.2.json'].map(nameOfFile)).toEqual(['machine temperature', 'windows-psexec', '.csv', 'plain', 'v1.2']);
});
