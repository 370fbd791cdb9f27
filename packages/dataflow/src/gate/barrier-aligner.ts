/**
 * Aligned barriers: turns N input channels into one consistent cut.
 *
 * A subtask may image its state for checkpoint n only when every open input channel has delivered barrier n. Until
 * then, channels that already delivered it are blocked, so that no row from after the cut changes state from before it.
 *
 * Invariants (tests cite these ids):
 *   BA1  A channel is blocked iff it delivered the barrier of the pending checkpoint.
 *   BA2  'aligned' is answered exactly once per checkpoint that is not overtaken.
 *   BA3  A barrier with a higher id aborts the pending checkpoint and starts the new one.
 *   BA4  A barrier of a checkpoint that is over (lower id, done, or cancelled) is ignored.
 *   BA5  A cancel marker of the pending or of a later checkpoint unblocks all channels; barriers of it that come later are ignored.
 *   BA6  A channel that ended counts as aligned, without a barrier; it may be the one that completes the alignment.
 *
 * Assumes FIFO channels: after barrier n a channel never delivers one with a smaller id.
 * Source: Chandy & Lamport 1985, doi 10.1145/214451.214456; Carbone et al. 2015, arXiv:1506.08603, Alg. 1.
 * Not here: unaligned checkpoints (rows in flight become part of the snapshot).
 */
import { type CheckpointId, invariant } from '@tidemark/core';

export type Alignment =
  | { readonly kind: 'aligning' }
  | { readonly kind: 'aligned'; readonly checkpointId: CheckpointId; readonly aborted: CheckpointId | null }
  /** A newer barrier overtook `aborted`; the newer one is aligning. */
  | { readonly kind: 'overtaken'; readonly aborted: CheckpointId }
  | { readonly kind: 'cancelled'; readonly checkpointId: CheckpointId; readonly aborted: CheckpointId | null }
  | { readonly kind: 'ignored' };

export class BarrierAligner {
  readonly #blocked: Uint8Array;
  readonly #ended: Uint8Array;
  #open: number;
  #arrived = 0;
  /** The newest checkpoint this subtask has seen; `#pending` says whether it is still aligning. */
  #current = 0;
  #pending = false;

  constructor(channelCount: number) {
    invariant(channelCount >= 1, `a gate needs a channel, got ${channelCount}`);
    this.#blocked = new Uint8Array(channelCount);
    this.#ended = new Uint8Array(channelCount);
    this.#open = channelCount;
  }

  isBlocked(channel: number): boolean {
    return this.#blocked[channel] === 1;
  }

  get pending(): CheckpointId | null {
    return this.#pending ? (this.#current as CheckpointId) : null;
  }

  onBarrier(channel: number, id: CheckpointId): Alignment {
    invariant(this.#ended[channel] === 0, `barrier ${id} on ended channel ${channel}`);
    if (id < this.#current || (id === this.#current && !this.#pending)) return { kind: 'ignored' };
    let aborted: CheckpointId | null = null;
    if (id > this.#current) {
      if (this.#pending) aborted = this.#current as CheckpointId;
      this.#unblock();
      this.#current = id;
      this.#pending = true;
    }
    invariant(!this.isBlocked(channel), `second barrier ${id} on channel ${channel}`);
    this.#blocked[channel] = 1;
    this.#arrived += 1;
    const alignment = this.#complete(aborted);
    if (alignment.kind === 'aligning' && aborted !== null) return { kind: 'overtaken', aborted };
    return alignment;
  }

  onCancelMarker(id: CheckpointId): Alignment {
    if (id < this.#current || (id === this.#current && !this.#pending)) return { kind: 'ignored' };
    const aborted = this.#pending ? (this.#current as CheckpointId) : null;
    this.#unblock();
    this.#current = id;
    this.#pending = false;
    return { kind: 'cancelled', checkpointId: id, aborted };
  }

  onEndOfInput(channel: number): Alignment {
    if (this.#ended[channel] === 1) return { kind: 'ignored' };
    this.#ended[channel] = 1;
    this.#open -= 1;
    if (this.isBlocked(channel)) {
      this.#blocked[channel] = 0;
      this.#arrived -= 1;
    }
    return this.#pending ? this.#complete(null) : { kind: 'ignored' };
  }

  #complete(aborted: CheckpointId | null): Alignment {
    if (this.#arrived < this.#open) return { kind: 'aligning' };
    this.#unblock();
    this.#pending = false;
    return { kind: 'aligned', checkpointId: this.#current as CheckpointId, aborted };
  }

  #unblock(): void {
    this.#blocked.fill(0);
    this.#arrived = 0;
  }
}
