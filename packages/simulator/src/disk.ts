/**
 * A disk that loses what was not synced.
 *
 * Model   A file has what programs see and what fsync made durable. A directory has the names programs see, the durable
 *         ones, and the changes in between, in order; fsync of the directory makes all of them durable. A power cut keeps,
 *         of each directory, some first part of its pending changes (a rename within it is one), and of each file something between what is durable
 *         and what was written: cut anywhere, possibly with zeros at its end. A killed process loses nothing of this.
 * Always  what was fsynced, with its name, is there after any power cut.
 * Not here: time (the process's view of the disk adds it), permissions, links.
 */
import type { Random } from '@tidemark/testkit';

export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

export interface FileNode {
  readonly kind: 'file';
  seen: Uint8Array;
  durable: Uint8Array;
}
interface DirectoryNode {
  readonly kind: 'directory';
  seen: Map<string, Node>;
  durable: Map<string, Node>;
  /** Changes since the last fsync, in order, each all or nothing. */
  pending: (readonly Change[])[];
}
/** null = the name was taken away. */
interface Change {
  readonly name: string;
  readonly node: Node | null;
}
type Node = FileNode | DirectoryNode;

const directory = (): DirectoryNode => ({ kind: 'directory', seen: new Map(), durable: new Map(), pending: [] });

export class Disk {
  readonly #root = directory();

  makeDirectory(path: string): void {
    const { parent, name } = this.#place(path);
    if (parent.seen.has(name)) throw new DiskError('EEXIST', path);
    this.#change(parent, [{ name, node: directory() }]);
  }

  create(path: string): FileNode {
    const { parent, name } = this.#place(path);
    if (parent.seen.has(name)) throw new DiskError('EEXIST', path);
    const node: FileNode = { kind: 'file', seen: new Uint8Array(), durable: new Uint8Array() };
    this.#change(parent, [{ name, node }]);
    return node;
  }

  file(path: string): FileNode {
    const node = this.#node(path);
    if (node.kind !== 'file') throw new DiskError('EISDIR', path);
    return node;
  }

  write(node: FileNode, bytes: Uint8Array): void {
    const grown = new Uint8Array(node.seen.length + bytes.length);
    grown.set(node.seen);
    grown.set(bytes, node.seen.length);
    node.seen = grown;
  }

  fsync(node: FileNode): void {
    node.durable = node.seen;
  }

  rename(from: string, to: string): void {
    const source = this.#place(from);
    const node = source.parent.seen.get(source.name);
    if (!node) throw new DiskError('ENOENT', from);
    const target = this.#place(to);
    if (source.parent === target.parent) {
      this.#change(source.parent, [{ name: source.name, node: null }, { name: target.name, node }]);
    } else {
      this.#change(source.parent, [{ name: source.name, node: null }]);
      this.#change(target.parent, [{ name: target.name, node }]);
    }
  }

  list(path: string): string[] {
    return [...this.#directory(path).seen.keys()].sort();
  }

  unlink(path: string): void {
    const { parent, name } = this.#place(path);
    const node = parent.seen.get(name);
    if (!node) throw new DiskError('ENOENT', path);
    if (node.kind === 'directory') throw new DiskError('EISDIR', path);
    this.#change(parent, [{ name, node: null }]);
  }

  removeDirectory(path: string): void {
    const { parent, name } = this.#place(path);
    if (parent.seen.has(name)) this.#change(parent, [{ name, node: null }]);
  }

  fsyncDirectory(path: string): void {
    const node = this.#directory(path);
    node.durable = new Map(node.seen);
    node.pending = [];
  }

  /** The power goes and comes back. */
  powerCut(random: Random): void {
    this.#lose(this.#root, random);
  }

  /** What a power cut now would be sure to leave of a file; null where even its name could go. */
  durableFile(path: string): Uint8Array | null {
    let node: Node | undefined = this.#root;
    for (const part of parts(path)) {
      if (node?.kind !== 'directory') return null;
      const next = node.durable.get(part);
      if (node.pending.some((changes) => changes.some((change) => change.name === part && change.node !== next))) return null;
      node = next;
    }
    return node?.kind === 'file' ? node.durable : null;
  }

  #lose(node: DirectoryNode, random: Random): void {
    const kept = random.between(0, node.pending.length);
    const names = new Map(node.durable);
    for (const changes of node.pending.slice(0, kept)) apply(names, changes);
    node.seen = names;
    node.durable = new Map(names);
    node.pending = [];
    for (const child of names.values()) {
      if (child.kind === 'directory') this.#lose(child, random);
      else loseBytes(child, random);
    }
  }

  #change(parent: DirectoryNode, changes: readonly Change[]): void {
    apply(parent.seen, changes);
    parent.pending.push(changes);
  }

  #place(path: string): { readonly parent: DirectoryNode; readonly name: string } {
    const names = parts(path);
    const name = names.pop();
    if (name === undefined) throw new DiskError('EINVAL', path);
    return { parent: this.#directory(names.join('/')), name };
  }

  #directory(path: string): DirectoryNode {
    const node = this.#node(path);
    if (node.kind !== 'directory') throw new DiskError('ENOTDIR', path);
    return node;
  }

  #node(path: string): Node {
    let node: Node = this.#root;
    for (const part of parts(path)) {
      if (node.kind !== 'directory') throw new DiskError('ENOTDIR', path);
      const next = node.seen.get(part);
      if (!next) throw new DiskError('ENOENT', path);
      node = next;
    }
    return node;
  }
}

function apply(names: Map<string, Node>, changes: readonly Change[]): void {
  for (const { name, node } of changes) {
    if (node) names.set(name, node);
    else names.delete(name);
  }
}

function loseBytes(file: FileNode, random: Random): void {
  if (file.seen !== file.durable) {
    const length = random.between(file.durable.length, file.seen.length);
    const left = file.seen.slice(0, length);
    if (random.chance(0.3)) left.fill(0, random.between(file.durable.length, length)); // allocated, never written
    file.seen = left;
    file.durable = left;
  }
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '');
