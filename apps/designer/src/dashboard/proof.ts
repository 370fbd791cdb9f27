import type { ProofView } from '@tidemark/protocol';

/** Which words and hue the proof has. Waiting is no success: only what was compared is green. */
export function proofVerdict(proof: ProofView | null): 'none' | 'waiting' | 'holds' | 'held' | 'broken' | 'failed' {
  switch (proof?.state) {
    case undefined: case 'not-applicable': return 'none';
    case 'waiting': return 'waiting';
    // Compared at each completed checkpoint; before the first there is nothing to say.
    case 'running': return proof.upTo === null ? 'waiting' : 'holds';
    case 'equal': return 'held';
    case 'different': return 'broken';
    case 'failed': return 'failed';
  }
}
