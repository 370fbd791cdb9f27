/**
 * The real product for a journey: the runtime as a process of its own with an empty data directory.
 *
 * Always  every product has its own port and its own data directory; stop() ends the process and leaves nothing behind;
 *         kill() is SIGKILL, as a crash would be, and start() on the same directory is what a person does next.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';

const root = resolve(import.meta.dirname, '../..');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class Product {
  readonly dataDir: string;
  readonly port: number;
  /** With the token in its fragment, as printed. */
  address = '';
  log = '';
  #process: ChildProcess | null = null;

  private constructor(dataDir: string, port: number) {
    this.dataDir = dataDir;
    this.port = port;
  }

  static async start(): Promise<Product> {
    const product = new Product(mkdtempSync(join(tmpdir(), 'tidemark-journey-')), await freePort());
    await product.start();
    return product;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['apps/runtime/src/main.ts', 'serve'], {
      cwd: root,
      env: { ...process.env, TIDEMARK_PORT: String(this.port), TIDEMARK_DATA: this.dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.address = await new Promise<string>((found, failed) => {
      const read = (chunk: Buffer): void => {
        this.log += chunk.toString();
        const address = /http:\/\/\S+#token=\S+/.exec(this.log)?.[0];
        if (address !== undefined) found(address);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => failed(new Error(`the runtime ended with ${code}:\n${this.log}`)));
    });
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    this.log = '';
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
