/**
 * Contender: a process that answers `round N` with a line of JSON, whoever it is.
 *
 * Always  it is ended by its pid; a step that takes longer than its time box ends it and says how far it came.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RoundAnswer {
  readonly events: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly matches: number;
  readonly checksum: number;
}

interface Told { readonly ready?: boolean; readonly progress?: number; readonly error?: string }

/** A step took longer than its time box. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
  /** As far as it came, over all rounds. */
  readonly events: number;

  constructor(events: number, boxMs: number) {
    super(`DNF at ${events} events: more than ${boxMs / 1000} s`);
    this.events = events;
  }
}

export class Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  #progress = 0;
  #waiting: { resolve: (answer: RoundAnswer) => void; reject: (error: Error) => void } | null = null;
  #said: string[] = [];
  #ended = false;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: unknown) => { this.#said = [...this.#said, String(chunk)].slice(-5); });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#take(JSON.parse(line) as Told & RoundAnswer));
    this.#child.on('exit', (code) => this.#end(`ended with ${code}: ${this.#said.join('').trim().slice(-300)}`));
    this.#child.on('error', (error) => this.#end(error.message));
  }

  #end(why: string): void {
    this.#ended = true;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(new Error(`DNF at ${this.#progress} events: ${why}`));
  }

  #take(told: Told & RoundAnswer): void {
    if (told.error !== undefined) this.#end(told.error);
    else if (told.progress !== undefined) this.#progress = told.progress;
    else {
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting?.resolve(told);
    }
  }

  async #answer(boxMs: number): Promise<RoundAnswer> {
    if (this.#ended) throw new Error(`DNF at ${this.#progress} events: ended`);
    return new Promise<RoundAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = null;
        this.close();
        reject(new OutOfTime(this.#progress, boxMs));
      }, boxMs);
      this.#waiting = {
        resolve: (answer) => { clearTimeout(timer); resolve(answer); },
        reject: (error) => { clearTimeout(timer); reject(error); },
      };
    });
  }

  /** Waits until it has said that it is ready. */
  async ready(boxMs: number): Promise<void> {
    await this.#answer(boxMs);
  }

  async round(events: number, boxMs: number): Promise<RoundAnswer> {
    this.#child.stdin?.write(`round ${events}\n`);
    return this.#answer(boxMs);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
