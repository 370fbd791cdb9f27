import { expect, it } from 'vitest';
import type { ProofView } from '@tidemark/protocol';
import { proofVerdict } from './proof.ts';

const proof = (state: ProofView['state'], upTo: number | null = null): ProofView => ({ topic: 'proof', state, upTo, expected: 1, committed: 1, missing: 0, doubled: 0, unexpected: 0, detail: null });

it('is green only where something was compared', () => {
  expect([null, proof('not-applicable'), proof('waiting'), proof('running'), proof('running', 0.1), proof('equal', 1), proof('different', 0.2), proof('failed')].map(proofVerdict)).toEqual(
    ['none', 'none', 'waiting', 'waiting', 'holds', 'held', 'broken', 'failed']);
});
