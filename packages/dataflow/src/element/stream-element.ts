/**
 * Everything that can travel along a channel, and its bytes.
 *
 * Always  elements of one channel stay in order; only a batch costs credit (barriers and watermarks must pass a full
 *         channel's credit limit, but never its order).
 * Not here: columns inside a batch (packages/event encodes them; a channel's dictionary texts go once), the length prefix.
 */
import { ByteReader, ByteWriter, type CheckpointId, type EventTime, InvariantViolation, checkpointId, eventTime, unreachable } from '@tidemark/core';

export interface Barrier {
  readonly kind: 'barrier';
  readonly checkpointId: CheckpointId;
  /** Wall time of the trigger, ms; for figures only. */
  readonly timestamp: number;
  /** The checkpoint after the end of all input: when it is committed the job is finished. */
  readonly final: boolean;
}

export type StreamElement =
  | { readonly kind: 'batch'; readonly frame: Uint8Array }
  | { readonly kind: 'watermark'; readonly timestamp: EventTime }
  | Barrier
  | { readonly kind: 'cancel-marker'; readonly checkpointId: CheckpointId }
  /** Nothing follows on this channel, not even a barrier (Flink: EndOfPartition). */
  | { readonly kind: 'end-of-input' }
  /** Its watermark is not to be waited for until `active` comes (Flink: WatermarkStatus). */
  | { readonly kind: 'idle' }
  | { readonly kind: 'active' };

const KINDS = ['batch', 'watermark', 'barrier', 'cancel-marker', 'end-of-input', 'idle', 'active'] as const;

/** Appends kind and payload to `writer`. */
export function writeElement(writer: ByteWriter, element: StreamElement): void {
  writer.u8(KINDS.indexOf(element.kind));
  switch (element.kind) {
    case 'batch':
      writer.blob(element.frame);
      return;
    case 'watermark':
      writer.f64(element.timestamp);
      return;
    case 'barrier':
      writer.f64(element.checkpointId);
      writer.f64(element.timestamp);
      writer.bool(element.final);
      return;
    case 'cancel-marker':
      writer.f64(element.checkpointId);
      return;
    case 'end-of-input':
    case 'idle':
    case 'active':
      return;
    default:
      unreachable(element);
  }
}

/** The frame of a batch is a view into the reader's bytes. Errors: InvariantViolation for bytes that no writeElement wrote. */
export function readElement(reader: ByteReader): StreamElement {
  const kind = KINDS[reader.u8()];
  switch (kind) {
    case 'batch':
      return { kind, frame: reader.blob() };
    case 'watermark':
      return { kind, timestamp: eventTime(reader.f64()) };
    case 'barrier':
      return { kind, checkpointId: checkpointId(reader.f64()), timestamp: reader.f64(), final: reader.bool() };
    case 'cancel-marker':
      return { kind, checkpointId: checkpointId(reader.f64()) };
    case 'end-of-input':
    case 'idle':
    case 'active':
      return { kind };
    default:
      throw new InvariantViolation('unknown kind of stream element');
  }
}
