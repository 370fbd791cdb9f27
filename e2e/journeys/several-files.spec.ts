/** A job over two files read side by side, with an order for equal times, idleness and a choice of time: in both languages. */
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { CHINESE, ENGLISH, fill } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

/** Each second of one file a sensor is calm, a moment later in the other it is hot. */
const csv = (offsetMs: number, value: number): string => ['time,sensor,value', ...Array.from({ length: 30 }, (_, second) =>
  `${new Date(Date.UTC(2026, 0, 5, 8, 0, second, offsetMs)).toISOString()},s${second % 3},${value}`)].join('\r\n');

for (const words of [ENGLISH, CHINESE]) {
  test(`two files are the splits of one source (${words.language})`, async ({ page }) => {
    const { design: said } = words;
    await new JobsPage(page, words).open(product.address);
    await new JobsPage(page, words).blankWithoutData();
    const design = new DesignPage(page, words);
    const use = async (): Promise<void> => {
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: words.data.use }).or(dialog.getByRole('button', { name: words.data.useAndDraw })).first().click();
      await expect(dialog).toBeHidden();
    };
    await design.dropFile('calm.csv', 'text/csv', csv(0, 20.5));
    await use();
    await design.addStage('calm', 'event.value < 30.0');
    await design.addStage('hot', 'event.value > 90.0');
    await design.setWindow('500ms');

    const palette = page.getByRole('navigation', { name: said.palette.title });
    await palette.getByRole('button', { name: said.palette.key, exact: true }).click();
    await page.getByRole('textbox', { name: said.order.title }).or(page.getByRole('combobox', { name: said.order.title })).first().click();
    await page.getByRole('option', { name: 'value' }).last().click();
    await page.keyboard.press('Escape');
    await page.getByRole('switch', { name: fill(said.order.descending, { field: 'value' }) }).click();

    await palette.getByRole('button', { name: said.palette.source, exact: true }).click();
    await page.getByRole('button', { name: said.splits.addFile }).click();
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles({ name: 'hot.csv', mimeType: 'text/csv', buffer: Buffer.from(csv(300, 95.5)) });
    await use();
    await expect(page.locator('.tm-splits li')).toHaveCount(2);
    const idleness = page.getByRole('textbox', { name: said.splits.idleness });
    await idleness.fill('5s');
    await idleness.press('Enter');
    await expect(page.getByText(said.splits.firstOnly)).toBeVisible();
    const time = page.getByRole('radiogroup', { name: said.time.title });
    await time.getByText(said.time.processing, { exact: true }).click();
    await expect(idleness).toBeHidden();
    await expect(page.getByText(said.time.dock)).toBeVisible();
    await time.getByText(said.time.event, { exact: true }).click();
    await idleness.fill('');
    await idleness.press('Enter');

    await design.setPace(200);
    await design.deploy();
    await new LivePage(page, words).finished();
    await new LivePage(page, words).provedEqual();
    await expect(page.getByRole('region', { name: words.live.figure.label }).getByText('30', { exact: true }).first()).toBeVisible();
  });
}
