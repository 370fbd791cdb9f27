import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { checkedIn, wasmModule } from '../../../tools/wasm.ts';

it('[EW5] the checked-in WebAssembly module is what its source compiles to', async () => {
  const { source, module } = checkedIn();
  expect(await wasmModule(source)).toBe(module);
});

it('[EW5] it runs where code from strings is forbidden', () => {
  const program = `
    import { EventBatch } from '@tidemark/event';
    import { RowWriter } from './packages/event/src/row-writer.ts';
    import { WasmScanner } from './packages/event/src/wasm-scanner.ts';
    let refused = false;
    try { new Function('return 1')(); } catch { refused = true; }
    const schema = { fields: [{ name: 'ts', type: 'int' }], time: { field: 'ts', format: 'epoch-ms' } };
    const [writer, batch] = [new RowWriter(schema, []), new EventBatch(schema, 4)];
    writer.bind(batch);
    const scanner = WasmScanner.for(writer);
    scanner.bind();
    scanner.scan(new TextEncoder().encode('{"ts":5}\\n'), 0, 8, 4, 0, 99);
    console.log(refused, batch.length, batch.time[0]);`;
  expect(execFileSync(process.execPath, ['--disallow-code-generation-from-strings', '--input-type=module', '-e', program], { encoding: 'utf8' })).toBe('true 1 5\n');
});
