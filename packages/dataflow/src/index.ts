export { type KeyGroupRange, hashOfKey, keyGroupOf, keyGroupRange, keyHash, murmur3, subtaskOf } from './keyed/key-hash.ts';
