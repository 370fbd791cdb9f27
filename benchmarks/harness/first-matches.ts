/**
 * The first k matches of each event alone: where one event completes more matches than anybody can take, the set of them is
 * asked for so many.
 */
import type { CepOperatorOptions, EmittedMatch } from '@tidemark/cep';

export function firstMatches(count: number, take: (match: EmittedMatch) => void): CepOperatorOptions {
  return {
    matchSets: (set) => {
      for (let i = 0; i < count; i += 1) {
        const match = set.next();
        if (match === null) return;
        take(match);
      }
    },
  };
}
