/**
 * A keyed operator with its gate, its aligner and its sink: one `match/i`.
 *
 * Driven by receive() and step(); one step takes one element and runs to its end, so that nothing can come between
 * the barrier's passing on and the copy of the state (R24).
 *
 * Invariants (tests cite these ids):
 *   OT1  At the last barrier of n the image holds exactly the rows that stood before barrier n on every channel (I2).
 *   OT2  The watermark of every channel is in the image and is set before the first row after a restore (T8).
 *   OT3  A checkpoint aborted before its barrier came makes no image; a cancel marker goes on instead (T2.0).
 *   OT4  A watermark reaches the operator only when the gate's minimum rises.
 *   OT5  Where the watermark right behind a batch makes the minimum rise, the operator gets both in one call.
 *
 * Not here: threads, files, acknowledgements (the shell), what the operator computes.
 */
import { type CheckpointId, unreachable } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { StreamElement } from '../element/stream-element.ts';
import { type Alignment, BarrierAligner } from '../gate/barrier-aligner.ts';
import { InputGate } from '../gate/input-gate.ts';
import { WatermarkValve } from '../gate/watermark-valve.ts';
import type { KeyedOperator } from '../keyed-operator.ts';
import { AbortedCheckpoints, type TaskImage } from './checkpoint-barrier.ts';
import type { SinkWriter } from './sink-writer.ts';

export interface OperatorTaskPorts {
  readonly returnCredit: (channel: number) => void;
  /** One for each channel: frames of a channel are decoded in order by its own decoder. */
  readonly decoders: readonly { decode(frame: Uint8Array): EventBatch }[];
  /** Called in the same turn in which the state was copied. */
  readonly onImage: (image: TaskImage) => void;
  readonly onAlignmentAborted: (checkpointId: CheckpointId, reason: string) => void;
}

/** The part of a gate's alignment that a task uses: the simulator's broken variants replace it. */
export type Aligner = Pick<BarrierAligner, 'isBlocked' | 'onBarrier' | 'onCancelMarker' | 'onEndOfInput'>;

export class OperatorTask {
  readonly #gate: InputGate;
  readonly #aligner: Aligner;
  readonly #valve: WatermarkValve;
  readonly #operator: KeyedOperator;
  readonly #sink: SinkWriter;
  readonly #ports: OperatorTaskPorts;
  readonly #aborted = new AbortedCheckpoints();
  readonly #isBlocked = (channel: number): boolean => this.#aligner.isBlocked(channel);
  #final = false;
  #endedChannels = 0;

  constructor(
    channels: { readonly count: number; readonly credits: number },
    operator: KeyedOperator,
    sink: SinkWriter,
    ports: OperatorTaskPorts,
    aligner: Aligner = new BarrierAligner(channels.count),
  ) {
    this.#gate = new InputGate(channels.count, channels.credits, ports.returnCredit);
    this.#aligner = aligner;
    this.#valve = new WatermarkValve(channels.count);
    this.#operator = operator;
    this.#sink = sink;
    this.#ports = ports;
  }

  get watermark(): number { return this.#valve.watermark; }
  get operator(): KeyedOperator { return this.#operator; }
  get sink(): SinkWriter { return this.#sink; }
  /** All channels ended: no element will ever come. */
  get ended(): boolean { return this.#endedChannels === this.#gate.channelCount; }

  /** Before the first element. `images` are the sections of one or several former subtasks. */
  restore(images: readonly ReadonlyMap<string, Uint8Array>[], keyGroups: { readonly start: number; readonly end: number }): void {
    const operators: Uint8Array[] = [];
    for (const sections of images) {
      const operator = sections.get('operator');
      if (operator) operators.push(operator);
      const watermarks = sections.get('watermarks');
      if (watermarks) this.#valve.restore(watermarks);
      const sink = sections.get('sink');
      if (sink) this.#sink.restore(sink);
    }
    this.#operator.restore(operators, keyGroups);
  }

  receive(channel: number, element: StreamElement): void {
    this.#gate.receive(channel, element);
  }

  /** Takes one element and does all of its work; false when nothing can be taken. */
  step(): boolean {
    const arrival = this.#gate.take(this.#isBlocked);
    if (!arrival) return false;
    const { channel, element } = arrival;
    switch (element.kind) {
      case 'batch': {
        const batch = (this.#ports.decoders[channel] as { decode(frame: Uint8Array): EventBatch }).decode(element.frame);
        const watermark = this.#gate.takeWatermark(channel);
        const risen = watermark === null ? null : this.#valve.advance(channel, watermark);
        if (risen === null) this.#operator.processBatch(batch);
        else this.#operator.processBatch(batch, risen);
        return true;
      }
      case 'watermark': {
        const risen = this.#valve.advance(channel, element.timestamp);
        if (risen !== null) this.#operator.processWatermark(risen);
        return true;
      }
      case 'barrier':
        this.#final = element.final;
        this.#follow(this.#aligner.onBarrier(channel, element.checkpointId));
        return true;
      case 'cancel-marker':
        this.#follow(this.#aligner.onCancelMarker(element.checkpointId));
        return true;
      case 'end-of-input':
        this.#endedChannels += 1;
        this.#follow(this.#aligner.onEndOfInput(channel));
        return true;
      case 'idle': {
        const risen = this.#valve.idle(channel);
        if (risen !== null) this.#operator.processWatermark(risen);
        return true;
      }
      case 'active':
        this.#valve.active(channel);
        return true;
      default:
        return unreachable(element);
    }
  }

  /** T5: its barrier, if it still comes, makes no image. */
  abortCheckpoint(id: CheckpointId): void {
    this.#aborted.add(id);
  }

  #follow(alignment: Alignment): void {
    switch (alignment.kind) {
      case 'aligning':
      case 'ignored':
        return;
      case 'overtaken':
        this.#ports.onAlignmentAborted(alignment.aborted, 'overtaken by a newer checkpoint');
        return;
      case 'cancelled':
        if (alignment.aborted !== null) this.#ports.onAlignmentAborted(alignment.aborted, 'cancelled by an input');
        return;
      case 'aligned':
        if (alignment.aborted !== null) this.#ports.onAlignmentAborted(alignment.aborted, 'overtaken by a newer checkpoint');
        if (!this.#aborted.has(alignment.checkpointId)) this.#image(alignment.checkpointId);
        return;
      default:
        unreachable(alignment);
    }
  }

  #image(checkpointId: CheckpointId): void {
    const output = this.#sink.preCommit(checkpointId);
    const sections = new Map([
      ['watermarks', this.#valve.snapshot()],
      ['operator', this.#operator.snapshot()],
      ['sink', output.state],
    ]);
    this.#ports.onImage({ checkpointId, sections, output, inputPosition: null, final: this.#final });
  }
}
