/**
 * How long after "Deploy" the first match of each template is on the page: the real product, over its socket, at the
 * template's own pace. Times are printed, not asserted; tests of the templates hold that the pace allows it.
 *
 *   TIDEMARK_DEEP=1 npx vitest run apps/runtime/test/first-match
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TEMPLATES, type Template, instantiate } from '@tidemark/pattern';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Product } from './support/product.ts';
import { SocketWatcher } from './support/socket-watcher.ts';

let product: Product;
beforeAll(async () => { product = await Product.start(); });
afterAll(async () => { await product.stop(); });

describe('the first match of a template, live', () => {
  it.each(TEMPLATES)('[TM2] $id', async (template: Template) => {
    const sample = readFileSync(new URL(`../../../packages/pattern/templates/${template.sampleFile}`, import.meta.url));
    const document = instantiate(template, { projectId: template.id, sampleHash: createHash('sha256').update(sample).digest('hex') });
    const { json: { id: projectId } } = await product.call('createProject', { body: { name: template.id, document } });
    const watcher = await SocketWatcher.on(product);
    try {
      const begun = performance.now();
      const seconds = (): string => ((performance.now() - begun) / 1_000).toFixed(1);
      const { json: { job } } = await product.call('deploy', { params: { projectId }, body: { revision: 1, acceptWarnings: true } });
      await watcher.watch(job.id);
      await watcher.until((of) => of('state')?.state === 'RUNNING');
      const running = seconds();
      const isMatch = (committed: boolean): Parameters<SocketWatcher['until']>[0] =>
        (of) => of('matches')?.changed.some(({ kind, committedIn }) => kind === 'match' && (!committed || committedIn !== null)) ?? false;
      await watcher.until(isMatch(false));
      const shown = seconds();
      await watcher.until(isMatch(true));
      process.stdout.write(`first-match: ${template.id}: running after ${running} s, first match on the page after ${shown} s, committed after ${seconds()} s\n`);
      const { json: matches } = await product.call('matches', { params: { jobId: job.id } });
      expect(matches.rows.length).toBeGreaterThan(0);
      await product.call('cancelJob', { params: { jobId: job.id } });
    } finally {
      watcher.close();
    }
  }, 180_000);
});
