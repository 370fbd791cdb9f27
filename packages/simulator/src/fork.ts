/** A source of chance of its own, so that what one part draws does not shift what another draws. */
import { Random } from '@tidemark/testkit';

export const fork = (random: Random): Random => new Random(Math.floor(random.next() * 2 ** 32));
