/** Entry of a worker process. */
import { documentWiring } from '../document-wiring.ts';
import { runWorker } from './run-worker.ts';

runWorker(documentWiring());
