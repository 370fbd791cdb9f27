/** From an empty canvas to the first match of a deployed job: the seed's example, drawn by hand. */
import { expect, test } from '@playwright/test';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { CHINESE, ENGLISH, type Words } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

for (const words of [ENGLISH, CHINESE] as readonly Words[]) {
  test(`a newcomer draws start, immediately middle, within 10 s, and sees it live (${words.language})`, async ({ page }) => {
    await new JobsPage(page, words).open(product.address);
    await new JobsPage(page, words).blankWithGenerator();

    const design = new DesignPage(page, words);
    await design.addStage('start', "event.name == 'start'");
    await design.addStage('middle', "event.name == 'middle'");
    await design.setLink('start', 'middle', 'STRICT');
    await expect(design.sentence).toContainText(words.design.link.STRICT);
    await design.setWindow('10s');
    await expect(page.getByText(/10\s?(s|秒)/).first()).toBeVisible();
    await design.deploy();

    const live = new LivePage(page, words);
    await live.running();
    await live.firstCommitted();
    await expect(page.getByText('start → middle').first()).toBeVisible();
  });
}
