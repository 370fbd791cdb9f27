/** The real product as a process of its own, killed and started again as a person or a power cut would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROUTES, type RouteName } from '@tidemark/protocol';

export class Product {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tidemark-product-'));
  readonly runtime = { origin: '', token: '' };
  log = '';
  #process: ChildProcess | null = null;

  readonly #environment: Readonly<Record<string, string>>;

  private constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Product> {
    const product = new Product(environment);
    await product.start();
    return product;
  }

  /** Any free port: a data directory may move between ports. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../src/main.ts'), 'serve'], {
      env: { ...process.env, TIDEMARK_PORT: '0', TIDEMARK_DATA: this.dataDir, ...this.#environment }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    const [origin, token] = await new Promise<[string, string]>((found, failed) => {
      let said = '';
      const read = (chunk: Buffer): void => {
        said += chunk.toString();
        this.log += chunk.toString();
        const address = /(http:\/\/\S+)\/#token=(\S+)/.exec(said);
        if (address !== null) found([address[1] as string, address[2] as string]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code, signal) => failed(new Error(`the runtime ended with ${code ?? signal}:\n${this.log}`)));
    });
    Object.assign(this.runtime, { origin, token });
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return null;
    child.kill(signal);
    const [code] = await once(child, 'exit') as [number | null];
    return code;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async call(route: RouteName, { params = {}, body }: { params?: Readonly<Record<string, string>>; body?: unknown } = {}): Promise<{ json: any }> {
    const [method, path] = ROUTES[route].split(' ') as [string, string];
    const response = await fetch(`${this.runtime.origin}${path.replace(/:(\w+)/g, (_, name: string) => params[name] as string)}`, {
      method, headers: { authorization: `Bearer ${this.runtime.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, body: body === undefined ? null : JSON.stringify(body),
    });
    const json: any = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new Error(`${route}: ${response.status} ${JSON.stringify(json)}`);
    return { json };
  }
}
