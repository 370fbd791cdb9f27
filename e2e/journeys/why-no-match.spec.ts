/** Why no match? From a drawing that finds nothing, by the keyboard alone, to the event and the value that are the reason. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { ENGLISH, fill } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

const why = ENGLISH.design.why;
/** One card: small, something else, then large but not large enough; half an hour later another small one. */
const CSV = ['time,card,kind,amount', '2026-01-05T08:00:00Z,c1,pay,0.5', '2026-01-05T08:00:10Z,c1,login,0', '2026-01-05T08:00:20Z,c1,pay,498', '2026-01-05T08:30:00Z,c1,pay,0.7', '2026-01-05T08:31:00Z,c2,pay,100'].join('\n');

test('a drawing without a match says why, down to the value of one event', async ({ page }) => {
  await new JobsPage(page).open(product.address);
  await new JobsPage(page).blankWithoutData();
  const design = new DesignPage(page);
  await design.dropFile('payments.csv', 'text/csv', CSV);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: ENGLISH.data.use }).or(dialog.getByRole('button', { name: ENGLISH.data.useAndDraw })).first().click();
  await expect(dialog).toBeHidden();
  await design.addStage('probe', 'event.amount < 1.0 && event.kind == "pay"');
  await design.addStage('cashout', 'event.amount >= 500.0');
  await design.setWindow('1m');

  // no match: the empty list leads on
  await page.getByRole('button', { name: why.ask, exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText(fill(why.lead['not-met'], { stage: 'cashout' }))).toBeVisible();

  // the stage by the keyboard: its nearest miss, with the value
  await page.getByRole('button', { name: 'cashout', exact: true }).last().focus();
  await page.keyboard.press('Enter');
  const side = page.getByRole('region', { name: 'cashout', exact: true });
  await expect(side).toContainText(why.nearest);
  await expect(side).toContainText('event.amount = 498');

  // that event: what each stage did with it, and how long the attempt had to go
  await side.getByRole('button', { name: fill(why.askEvent, { record: 3 }) }).first().press('Enter');
  const event = page.getByRole('region', { name: fill(why.eventTitle, { record: 3 }) });
  await expect(event).toContainText(fill(why.verdict.condition_one, { count: 1 }));
  await event.getByRole('button', { name: why.history }).press('Enter');
  await expect(event.getByRole('button', { name: fill(why.askEvent, { record: 2 }) })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([]);
  }
  await event.getByRole('button', { name: fill(why.back, { stage: 'cashout' }) }).press('Enter');
  await expect(side).toBeVisible();

  // the condition put right, the match is there and the panel says so
  await page.getByRole('tab', { name: ENGLISH.design.dock.test }).click();
  await page.locator('.react-flow__node').filter({ hasText: 'cashout' }).click();
  await expect(page.getByRole('region', { name: why.waitsFor })).toContainText('amount is at least 500');
  const editor = page.locator('.cm-content');
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('event.amount >= 498.0');
  await page.keyboard.press('Escape');
  await expect(page.getByText(/Match 1 · 2 events/)).toBeVisible();
  await page.getByRole('tab', { name: why.tab }).click();
  await expect(page.getByText(fill(why.lead.matches_one, { count: 1 }))).toBeVisible();
});
