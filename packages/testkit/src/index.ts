export { Random } from './random.ts';
export { type RandomCase, randomCase } from './random-case.ts';
export { MemoryFileSystem } from './memory-file-system.ts';
