/** How an operator is told to give out only the first k matches of an event; null while the engine cannot. */
import type { CepOperatorOptions } from '@tidemark/cep';

export const FIRST_MATCHES: ((count: number) => CepOperatorOptions) | null = null as ((count: number) => CepOperatorOptions) | null;
