/**
 * `npm run wasm`: compiles packages/event/assembly/json-scanner.ts into packages/event/src/wasm-module.ts.
 *
 * Always  the same source and the same compiler (pinned in package.json) give the same bytes; a test compares them with
 *         the ones that are checked in.
 */
import { readFileSync, writeFileSync } from 'node:fs';

// Not named in the import: its types redeclare `console` for everybody.
const COMPILER: string = 'assemblyscript/asc';
interface Compiler {
  compileString(source: string, options: object): Promise<{ readonly error: Error | null; readonly stderr: object; readonly binary: Uint8Array | null }>;
}

const SOURCE = new URL('../packages/event/assembly/json-scanner.ts', import.meta.url);
const MODULE = new URL('../packages/event/src/wasm-module.ts', import.meta.url);

/** The text of wasm-module.ts for a source. */
export async function wasmModule(source: string): Promise<string> {
  const { default: asc } = await import(COMPILER) as { readonly default: Compiler };
  const { error, stderr, binary } = await asc.compileString(source, {
    optimizeLevel: 2, noAssert: true, runtime: 'stub', enable: ['simd'], use: ['abort='],
  });
  if (error !== null || binary === null) throw new Error(`AssemblyScript: ${String(stderr)}`);
  const text = Buffer.from(binary).toString('base64');
  const lines = text.match(/.{1,116}/g) ?? [];
  return [
    `/** assembly/json-scanner.ts, compiled: ${binary.length} bytes in base64. Made by \`npm run wasm\`; a test compares it with its source. */`,
    'export const WASM_MODULE =', ...lines.map((line, index) => `  '${line}'${index + 1 < lines.length ? ' +' : ';'}`), '',
  ].join('\n');
}

/** The source, and the module that is checked in. */
export const checkedIn = (): { readonly source: string; readonly module: string } => ({ source: readFileSync(SOURCE, 'utf8'), module: readFileSync(MODULE, 'utf8') });

if (import.meta.main) writeFileSync(MODULE, await wasmModule(readFileSync(SOURCE, 'utf8')));
