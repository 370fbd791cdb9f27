/** Breaking it on purpose: a worker killed in mid-stream, pages reloaded all along, committed output equal to the run without the fault. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { TEMPLATES } from '@tidemark/pattern';
import { CHINESE, ENGLISH, type Words } from '../support/words.ts';

const root = resolve(import.meta.dirname, '../..');
let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

/** Lines sorted by match id: the form in which two outputs are compared. */
const sorted = (text: string): string[] => text.split('\n').filter(Boolean)
  .map((line) => [(JSON.parse(line) as { matchId: string }).matchId, line] as const).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);

const LOGINS = TEMPLATES.find(({ id }) => id === 'failed-logins') as (typeof TEMPLATES)[number];

for (const words of [ENGLISH, CHINESE] as readonly Words[]) {
  test(`a killed worker costs nothing and doubles nothing (${words.language})`, async ({ page }) => {
    await new JobsPage(page, words).open(product.address);
    await new JobsPage(page, words).template(LOGINS.name[words.language]);
    const design = new DesignPage(page, words);
    await expect(page.getByText(words.design.dock.inBrowser)).toBeVisible();
    await design.setPace(80);
    await design.saved();
    await page.reload();
    await expect(design.sentence).toBeVisible();
    await design.deploy();

    const live = new LivePage(page, words);
    await live.running();
    await page.reload();
    await live.running();
    await expect(page.getByText(words.live.checkpoints.phase.completed).first()).toBeVisible({ timeout: 20_000 });
    await live.killFirstWorker();
    await page.reload();
    await live.recovered();
    await live.finished();
    await live.provedEqual();

    // the same with the command line, in one process, without a fault
    const { origin } = new URL(product.address);
    const get = (path: string) => page.request.get(origin + path);
    const jobs = await (await get('/api/jobs')).json() as { id: string; projectId: string; version: number; restarts: number }[];
    const job = jobs.find(({ projectId }) => page.url().includes(projectId));
    expect(job?.restarts).toBe(1);
    const output = await (await get(`/api/jobs/${job?.id}/output`)).text();
    const { document } = await (await get(`/api/projects/${job?.projectId}/versions/${job?.version}`)).json() as { document: { source: { sample: string } } };
    const sample = await (await get(`/api/samples/${document.source.sample}/content`)).body();
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-compare-'));
    writeFileSync(join(folder, 'job.json'), JSON.stringify(document));
    writeFileSync(join(folder, 'events.ndjson'), sample);
    const expected = execFileSync(process.execPath, ['apps/runtime/src/main.ts', 'match', join(folder, 'job.json'), '--events', join(folder, 'events.ndjson')], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    rmSync(folder, { recursive: true, force: true });
    expect(sorted(output)).toEqual(sorted(expected));
    expect(sorted(output).length).toBeGreaterThan(0);
  });
}
