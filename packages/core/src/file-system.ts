/**
 * The disk, injected: what durable writing needs and nothing more.
 *
 * Always  a written byte is only sure to survive a power cut after fsync() of its file, and a name only after
 *         fsyncDirectory() of the directory that holds it. rename() replaces its target atomically.
 * Errors  every call rejects with an Error that carries a `code` as POSIX names it: ENOENT, EEXIST, EIO, ENOSPC …
 * Not here: reading of sources (connectors have a port of their own), paths outside the data directory.
 */
export interface FileSystem {
  /** Fails with EEXIST if there is such a directory: "who made it, owns it". Parents must exist. */
  makeDirectory(path: string): Promise<void>;
  /** Fails with EEXIST if there is such a file. */
  create(path: string): Promise<WritableFile>;
  /** Goes on at the end of an existing file, or starts a new one. */
  append(path: string): Promise<WritableFile>;
  read(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  /** Names, not paths, sorted by code unit. */
  list(directory: string): Promise<readonly string[]>;
  unlink(path: string): Promise<void>;
  /** With everything in it. No error if it is not there. */
  removeDirectory(path: string): Promise<void>;
  fsyncDirectory(path: string): Promise<void>;
}

export interface WritableFile {
  /** Appends all bytes. The caller must not change them before the promise is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** A failed fsync cannot be repeated: the file must be thrown away (Rebello et al., ATC 2020). */
  fsync(): Promise<void>;
  close(): Promise<void>;
}

/** The POSIX code of an error, or null. */
export function errorCode(error: unknown): string | null {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
