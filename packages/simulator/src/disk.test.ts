import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { Disk } from './disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

/** What is left after a power cut, over many of them. */
function outcomes(prepare: (disk: Disk) => void, look: (disk: Disk) => string): Set<string> {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const disk = new Disk();
    disk.makeDirectory('/d');
    disk.fsyncDirectory('/');
    prepare(disk);
    disk.powerCut(new Random(seed));
    seen.add(look(disk));
  }
  return seen;
}
const content = (disk: Disk): string => disk.list('/d').map((name) => `${name}=${text(disk.file(`/d/${name}`).seen)}`).join(' ');

describe('Disk', () => {
  it('[SD1] keeps what was fsynced with its name', () => {
    expect(outcomes((disk) => {
      const file = disk.create('/d/a');
      disk.write(file, bytes('xy'));
      disk.fsync(file);
      disk.fsyncDirectory('/d');
    }, content)).toEqual(new Set(['a=xy']));
  });

  it('[SD2] may lose a name that was not fsynced, bytes that were not, or cut them anywhere', () => {
    const seen = outcomes((disk) => disk.write(disk.create('/d/a'), bytes('xy')), content);
    expect([...seen]).toEqual(expect.arrayContaining(['', 'a=', 'a=x', 'a=xy']));
  });

  it('[SD3] a rename happens whole or not at all, and in the order of the other changes', () => {
    const seen = outcomes((disk) => {
      for (const name of ['a', 'b']) disk.fsync(disk.create(`/d/${name}`));
      disk.fsyncDirectory('/d');
      disk.rename('/d/a', '/d/c');
      disk.unlink('/d/b');
    }, content);
    expect(seen).toEqual(new Set(['a= b=', 'b= c=', 'c=']));
  });
});
