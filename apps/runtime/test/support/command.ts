/** One command of the command line, as a process of its own in a directory of its own, bounded in time. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JobDocument, type Template, instantiate } from '@tidemark/pattern';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const PATIENCE_MS = 40_000;

export interface Outcome { readonly code: number | null; readonly out: string; readonly err: string }
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where the process starts; by default the folder itself. */
  readonly cwd?: string;
  /** Standard output: what the reader does, by default it reads all. `closed` = goes away after the first bytes. */
  readonly reader?: 'closed';
  /** Called with what was said on standard error so far; true = send SIGTERM. */
  readonly stopWhen?: (err: string) => boolean;
}

/** A folder for documents and data, from which commands run; with a temporary directory of their own. */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), 'tidemark-command-'));
  readonly #temporary = mkdtempSync(join(tmpdir(), 'tidemark-command-tmp-'));

  file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.path, name), content);
    return name;
  }

  directory(name: string): string {
    mkdirSync(join(this.path, name));
    return name;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  /** What commands left in their temporary directory. */
  left(): readonly string[] {
    return readdirSync(this.#temporary);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  tidemark(words: readonly string[], { env = {}, cwd = this.path, reader, stopWhen }: CommandOptions = {}): Promise<Outcome> {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd, env: { PATH: process.env.PATH ?? '', TMPDIR: this.#temporary, TIDEMARK_DATA: join(this.path, '.tidemark'), ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    let [out, err, sent] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (reader === 'closed') child.stdout.destroy();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (sent || !stopWhen?.(err)) return;
      sent = true;
      child.kill('SIGTERM');
    });
    return new Promise((done, failed) => {
      child.on('error', failed);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (signal === null) done({ code, out, err });
        else failed(new Error(`tidemark ${words.join(' ')} did not end by itself (${signal}):\n${err}`));
      });
    });
  }
}

export const templatePath = (template: Template): string => fileURLToPath(new URL(`../../../../packages/pattern/templates/${template.sampleFile}`, import.meta.url));

/** A template's document as a person exports it, read as fast as it goes unless `over` says otherwise. */
export function templateDocument(template: Template, over: Partial<JobDocument> = {}): JobDocument {
  const sampleHash = createHash('sha256').update(readFileSync(templatePath(template))).digest('hex');
  const document = instantiate(template, { projectId: template.id, sampleHash });
  return { ...document, source: document.source && { ...document.source, rate: { kind: 'unlimited' } }, ...over };
}

/** Output lines in the order of their ids (with which each begins). */
export const sorted = (output: string): string[] => output.split('\n').filter((line) => line !== '').sort();
