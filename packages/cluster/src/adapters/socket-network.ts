/** Data links between the workers of one machine: Unix domain sockets in a directory that only their user may enter. */
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import type { Link } from '../environment.ts';
import type { DataNetwork } from '../worker-environment.ts';
import { FrameLink } from './frame-link.ts';

export class SocketNetwork implements DataNetwork {
  readonly #address: string;

  /** `directory` short enough for a socket's name (about 100 bytes in all). */
  constructor(directory: string, name: string) {
    this.#address = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(directory, name);
  }

  listen(onLink: (link: Link) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => onLink(new FrameLink(socket)));
      server.on('error', reject);
      server.listen(this.#address, () => resolve(this.#address));
    });
  }

  connect(address: string): Link {
    return new FrameLink(connect(address));
  }
}
