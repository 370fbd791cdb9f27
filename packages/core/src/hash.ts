/** An incremental sha256, injected: portable where the engine runs in a page, the platform's own in a process. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** 32 bytes; ends the use of this object. */
  digest(): Uint8Array;
}
