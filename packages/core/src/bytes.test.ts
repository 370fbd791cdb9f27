import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';

describe('ByteWriter and ByteReader', () => {
  it('read back what was written, wherever the writer has to grow', () => {
    for (let capacity = 1; capacity < 80; capacity += 1) {
      const writer = new ByteWriter(capacity);
      writer.u8(1);
      writer.u16(2);
      writer.u32(3);
      writer.i32(-4);
      writer.f64(0.5);
      writer.text('größer');
      writer.blob(new Uint8Array([7, 8]));
      writer.array(new Float64Array([1.5, -2.5]));
      const reader = new ByteReader(writer.finish());
      expect([reader.u8(), reader.u16(), reader.u32(), reader.i32(), reader.f64(), reader.text()], `capacity ${capacity}`).toEqual([1, 2, 3, -4, 0.5, 'größer']);
      expect(reader.blob()).toEqual(new Uint8Array([7, 8]));
      expect(reader.f64Array()).toEqual(new Float64Array([1.5, -2.5]));
      expect(reader.remaining).toBe(0);
    }
  });

  it('arrays are copies, also when read from a Buffer', () => {
    const writer = new ByteWriter();
    writer.array(new Int32Array([1, 2, 3]));
    const buffer = Buffer.from(writer.finish());
    const read = new ByteReader(buffer).i32Array();
    buffer.fill(0);
    expect(read).toEqual(new Int32Array([1, 2, 3]));
  });
});
