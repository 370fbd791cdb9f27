/** Frames on the data links between workers: who speaks, elements downstream, credits upstream. */
import { type Attempt, ByteReader, ByteWriter, InvariantViolation, attempt } from '@tidemark/core';
import { type StreamElement, readElement, writeElement } from '@tidemark/dataflow';

export type DataFrame =
  /** First frame of the connecting side. The link serves this attempt and no other. */
  | { readonly kind: 'hello'; readonly attempt: Attempt }
  | { readonly kind: 'element'; readonly channel: number; readonly element: StreamElement }
  | { readonly kind: 'credit'; readonly channel: number };

export function encodeDataFrame(frame: DataFrame): Uint8Array {
  const writer = new ByteWriter(frame.kind === 'element' && frame.element.kind === 'batch' ? frame.element.frame.length + 16 : 32);
  switch (frame.kind) {
    case 'hello':
      writer.u8(0);
      writer.u32(frame.attempt);
      break;
    case 'element':
      writer.u8(1);
      writer.u32(frame.channel);
      writeElement(writer, frame.element);
      break;
    default:
      writer.u8(2);
      writer.u32(frame.channel);
  }
  return writer.view();
}

export function decodeDataFrame(bytes: Uint8Array): DataFrame {
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case 0: return { kind: 'hello', attempt: attempt(reader.u32()) };
    case 1: return { kind: 'element', channel: reader.u32(), element: readElement(reader) };
    case 2: return { kind: 'credit', channel: reader.u32() };
    default: throw new InvariantViolation('unknown kind of data frame');
  }
}
