/** A file of one's own: a CSV dropped on an empty canvas, to the first match. */
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { ENGLISH } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

/** Three sensors; every tenth second each jumps from 20 to 95 and back. */
const CSV = ['time,sensor,value', ...Array.from({ length: 240 }, (_, second) =>
  `${new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString()},s${second % 3},${second % 10 === 0 ? 95.5 : 20.5}`)].join('\r\n');

test('a CSV dropped on the canvas is understood, corrected, tested and deployed', async ({ page }) => {
  await new JobsPage(page).open(product.address);
  await new JobsPage(page).blankWithoutData();
  const design = new DesignPage(page);
  await design.dropFile('readings.csv', 'text/csv', CSV);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('readings.csv');
  await expect(dialog).toContainText('240');
  await dialog.getByRole('button', { name: ENGLISH.data.use }).or(dialog.getByRole('button', { name: ENGLISH.data.useAndDraw })).first().click();
  await expect(dialog).toBeHidden();

  await design.addStage('calm', 'event.value < 30.0');
  await design.addStage('hot', 'event.value > 90.0');
  await design.setWindow('1m');
  // tested in the browser before anything runs
  await expect(page.getByText(ENGLISH.design.dock.inBrowser)).toBeVisible();
  await expect(page.getByText(/Match 1 · 2 events/)).toBeVisible();
  await design.setPace(40);
  await design.deploy();
  const live = new LivePage(page);
  await live.firstCommitted();
  await live.finished();
  await live.provedEqual();
});
