/** From an empty canvas to the first match of a deployed job: the seed's example, drawn by hand. */
import { expect, test } from '@playwright/test';
import { DesignPage, ENGLISH, LivePage, named } from '../support/pages.ts';
import { Product } from '../support/product.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

test('a newcomer draws start, immediately middle, within 10 s, and sees it live', async ({ page }) => {
  await page.goto(product.address);
  await expect(page).not.toHaveURL(/token/);
  await named(page, 'button', ENGLISH.blank).click();
  await page.getByText(ENGLISH.generator, { exact: true }).click();
  await named(page, 'button', ENGLISH.useGenerator).click();
  await expect(page).toHaveURL(/\/design/);

  const design = new DesignPage(page);
  await design.addStage('start', "event.name == 'start'");
  await design.addStage('middle', "event.name == 'middle'");
  await page.getByRole('button', { name: /^then: link from start to middle/ }).click();
  await page.getByRole('dialog').getByRole('radio', { name: /immediately/ }).click();
  await expect(page.getByRole('note').first()).toContainText('immediately');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /all within|no time limit/i }).first().click();
  await page.getByRole('textbox', { name: 'All within' }).fill('10s');
  await page.keyboard.press('Enter');
  await expect(page.getByText('all within 10 s').first()).toBeVisible();
  await design.deploy();

  const live = new LivePage(page);
  await expect(page.getByText('Running').first()).toBeVisible({ timeout: 20_000 });
  await live.firstCommitted();
  await expect(page.getByText('start → middle').first()).toBeVisible();
});
