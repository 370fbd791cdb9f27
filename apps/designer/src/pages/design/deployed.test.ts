import { apply } from '@tidemark/editor';
import { TEMPLATES, instantiate } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { changedStages } from './deployed.ts';

const version = instantiate(TEMPLATES[3] as (typeof TEMPLATES)[number], { projectId: 'p', sampleHash: '0'.repeat(64) });

describe('stages that differ from the running version', () => {
  it('none, where nothing changed that matching sees', () => {
    expect(changedStages(version, version).size).toBe(0);
    expect(changedStages(apply(version, { kind: 'set-label', patternId: 'p1', id: 's1', language: 'en', label: 'other words' }), version).size).toBe(0);
    expect(changedStages(apply(version, { kind: 'move', patternId: 'p1', positions: { s1: { x: 5, y: 5 } } }), version).size).toBe(0);
  });
  it('a condition, and back again', () => {
    const changed = apply(version, { kind: 'set-condition', patternId: 'p1', id: 's3', expression: 'event.eventId == 1' });
    expect([...changedStages(changed, version)]).toEqual(['s3']);
    const back = apply(changed, { kind: 'set-condition', patternId: 'p1', id: 's3', expression: 'event.eventId == 4688 || event.eventId == 1' });
    expect(changedStages(back, version).size).toBe(0);
  });
  it('the link that leads to a stage, and a new stage', () => {
    expect([...changedStages(apply(version, { kind: 'set-link', patternId: 'p1', source: 's2', target: 's3', type: 'STRICT' }), version)]).toEqual(['s3']);
    expect([...changedStages(apply(version, { kind: 'add-stage', patternId: 'p1', stage: { id: 'n' }, after: 's3' }), version)]).toEqual(['n']);
  });
});
