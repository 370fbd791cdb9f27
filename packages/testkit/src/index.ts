export { Random } from './random.ts';
export { type RandomCase, randomCase } from './random-case.ts';
