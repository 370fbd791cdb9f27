/** Two patterns of one job, each with its own key: drawn one at a time, run together. */
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { ENGLISH, fill } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

/** Three sensors; every tenth second each jumps from 20 to 95 and back. */
const CSV = ['time,sensor,value', ...Array.from({ length: 240 }, (_, second) =>
  `${new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString()},s${second % 3},${second % 10 === 0 ? 95.5 : 20.5}`)].join('\r\n');

test('a second pattern is drawn beside the first, and the job finds the matches of both', async ({ page }) => {
  const words = ENGLISH.design.patterns;
  await new JobsPage(page).open(product.address);
  await new JobsPage(page).blankWithoutData();
  const design = new DesignPage(page);
  await design.dropFile('readings.csv', 'text/csv', CSV);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: ENGLISH.data.use }).or(dialog.getByRole('button', { name: ENGLISH.data.useAndDraw })).first().click();
  await expect(dialog).toBeHidden();
  await design.addStage('calm', 'event.value < 30.0');
  await design.addStage('hot', 'event.value > 90.0');
  await design.setWindow('1m');
  await expect(page.getByText(/Match 1 · 2 events/)).toBeVisible();

  // one more: it begins empty, with the key of the first, and is shown
  await page.keyboard.press('Escape');
  await page.locator('.tm-room').press('Escape');
  await page.getByRole('button', { name: words.add }).first().click();
  const tabs = page.getByRole('navigation', { name: words.title });
  await expect(tabs.getByRole('button')).toHaveCount(3);
  await expect(page.getByText(ENGLISH.design.empty.title)).toBeVisible();
  const name = page.getByRole('textbox', { name: words.name });
  await name.fill('hot twice');
  await name.press('Enter');
  await expect(tabs.getByRole('button', { name: 'hot twice' })).toHaveAttribute('aria-current', 'page');
  await design.addStage('first', 'event.value > 90.0');
  await design.addStage('second', 'event.value > 90.0 && event.value >= first[0].value');
  await design.setWindow('2m');
  await expect(page.getByText(/Match 1 · 2 events/)).toBeVisible();
  await expect(design.sentence).toContainText('second');

  // deleting is one step, and comes back with one
  await page.keyboard.press('Escape');
  await page.locator('.tm-room').press('Escape');
  await page.getByRole('button', { name: words.remove }).click();
  await expect(tabs).toHaveCount(0);
  await expect(design.sentence).toContainText('calm');
  await page.getByRole('button', { name: fill(ENGLISH.design.undo.undo, { action: ENGLISH.design.command['delete-pattern'] }) }).click();
  await expect(design.sentence).toContainText('second');

  await design.setPace(60);
  await design.deploy();
  const live = new LivePage(page);
  await live.firstCommitted();
  const shown = page.getByRole('navigation', { name: words.title });
  await shown.getByRole('button', { name: 'hot twice' }).click();
  await expect(page.getByRole('region', { name: ENGLISH.live.drawing.title })).toContainText('second');
  await live.finished();
  await expect(page.getByRole('region', { name: ENGLISH.live.matches.label })).toContainText('hot twice');
  await live.provedEqual();
});
