import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameLink } from './frame-link.ts';

const open: { close(): unknown }[] = [];
afterEach(() => { for (const one of open.splice(0)) one.close(); });

/** A link and the raw socket at its other end. */
async function pair(): Promise<{ link: FrameLink; raw: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  const raw = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = await once(server, 'connection') as [Socket];
  const link = new FrameLink(socket);
  open.push(link, { close: () => raw.destroy() });
  return { link, raw };
}
const framed = (...frames: number[][]): Buffer => Buffer.concat(frames.map((frame) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(frame.length);
  return Buffer.concat([length, Buffer.from(frame)]);
}));

describe('FrameLink', () => {
  it('[FL1] frames arrive whole and in order, however the bytes are cut', async () => {
    const bytes = framed([1, 2, 3], [], [4], Array.from({ length: 300 }, (_, index) => index % 256));
    for (const cut of [1, 2, 3, 5, 7, 64, 1000]) {
      const { link, raw } = await pair();
      const seen: number[][] = [];
      const done = new Promise<void>((resolve) => link.open({ onFrame: (frame) => { if (seen.push([...frame]) === 4) resolve(); }, onClose: () => {} }));
      raw.setNoDelay(true);
      for (let at = 0; at < bytes.length; at += cut) raw.write(bytes.subarray(at, at + cut));
      await done;
      expect(seen).toEqual([[1, 2, 3], [], [4], Array.from({ length: 300 }, (_, index) => index % 256)]);
    }
  });

  it('[FL2] closes once, and nothing arrives after it', async () => {
    const { link, raw } = await pair();
    let closes = 0;
    const closed = new Promise<void>((resolve) => link.open({ onFrame: () => {}, onClose: () => { closes += 1; resolve(); } }));
    raw.destroy();
    await closed;
    link.close();
    link.send(new Uint8Array([1]));
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(closes).toBe(1);
  });

  it('[FL3] a peer that speaks something else is cut off', async () => {
    const { link, raw } = await pair();
    const closed = new Promise<void>((resolve) => link.open({ onFrame: () => {}, onClose: resolve }));
    raw.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await closed;
  });
});
