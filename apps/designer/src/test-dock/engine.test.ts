import { describe, expect, it } from 'vitest';
import { Engine, type EnginePort, EngineStopped } from './engine.ts';
import { EngineHost } from './engine-host.ts';
import type { EngineRequest, EngineResponse } from './engine-messages.ts';

/** The real host behind a port, answering in a later turn, as a worker does. */
class HostPort implements EnginePort {
  #listener: ((event: MessageEvent<EngineResponse>) => void) | null = null;
  ended = false;
  readonly #host = new EngineHost();
  postMessage(message: unknown): void {
    queueMicrotask(() => {
      if (this.ended) return;
      const request = message as EngineRequest;
      try { this.#listener?.({ data: { id: request.id, ok: true, answer: this.#host.answer(request) } } as MessageEvent<EngineResponse>); }
      catch (error) { this.#listener?.({ data: { id: request.id, ok: false, message: (error as Error).message } } as MessageEvent<EngineResponse>); }
    });
  }
  addEventListener(kind: string, listener: unknown): void { if (kind === 'message') this.#listener = listener as (event: MessageEvent<EngineResponse>) => void; }
  terminate(): void { this.ended = true; }
}

const schema = { fields: [{ name: 'ts', type: 'int' as const }, { name: 'name', type: 'string' as const }], time: { field: 'ts', format: 'epoch-ms' as const } };
const load = { bytes: new TextEncoder().encode('{"ts":1,"name":"a"}\n{"ts":7,"name":"b"}'), format: 'ndjson' as const, schema, keyFields: [] };

describe('Engine', () => {
  it('loads a sample, counts conditions and gives events', async () => {
    const engine = new Engine(() => new HostPort());
    expect(await engine.ask('load', load)).toMatchObject({ events: 2, from: 1, to: 7, more: false, deadLetterCount: 0 });
    const { counts } = await engine.ask('count', { conditions: [{ id: 's1', text: "event.name == 'b'" }], stages: [] });
    expect(counts['s1']).toEqual({ count: 1, exact: true, rows: [1] });
    expect((await engine.ask('events', { rows: [1] })).events[0]?.fields).toEqual({ ts: 7, name: 'b' });
  });
  it('a failing question does not harm the next', async () => {
    const engine = new Engine(() => new HostPort());
    await expect(engine.ask('values', { field: 'name' })).rejects.toThrow(/no sample/);
    await engine.ask('load', load);
    expect((await engine.ask('values', { field: 'name' })).distinct).toBe(2);
  });
  it('restart rejects what is open, and a new worker answers what follows', async () => {
    const ports: HostPort[] = [];
    const engine = new Engine(() => { const port = new HostPort(); ports.push(port); return port; });
    const open = engine.ask('load', load);
    engine.restart();
    await expect(open).rejects.toBeInstanceOf(EngineStopped);
    await engine.ask('load', load);
    expect(ports).toHaveLength(2);
    expect(ports[0]?.ended).toBe(true);
  });
});
