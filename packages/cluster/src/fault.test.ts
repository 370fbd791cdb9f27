import { checkpointId } from '@tidemark/core';
import { expect, it } from 'vitest';
import { CheckpointDamaged } from './checkpoint-storage.ts';
import { damageFault } from './fault.ts';

it('[JM3] a checkpoint that breaks after it was chosen is a fault of the world: the next try chooses anew', () => {
  expect(damageFault(new CheckpointDamaged(checkpointId(5), 'source-0.state is missing'))).toMatchObject({ domain: 'external', retry: 'with-backoff', code: 'checkpoint-damaged' });
  expect(damageFault(new Error('something else'))).toBeNull();
});
