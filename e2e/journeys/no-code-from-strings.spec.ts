/** Matching in a browser that makes no code from strings: the engine of the test dock, as in a page under a strict policy. */
import { type LaunchOptions, expect, test as plain } from '@playwright/test';
import { TEMPLATES } from '@tidemark/pattern';
import { JobsPage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { ENGLISH } from '../support/words.ts';

const test = plain.extend<object, { readonly launchOptions: LaunchOptions }>({
  launchOptions: [async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--js-flags=--disallow-code-generation-from-strings'] });
  }, { scope: 'worker' }],
});

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

test('the test dock finds all matches of a template where eval and new Function are refused', async ({ page }) => {
  const policies: string[] = [];
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => { console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`); });
  });
  page.on('console', (message) => { if (message.text().startsWith('policy:')) policies.push(message.text()); });
  await new JobsPage(page).open(product.address);
  // Outside of what the debugger runs, which is allowed more than the page.
  const outcome = await page.evaluate(() => new Promise<string>((resolve) => {
    setTimeout(() => {
      try {
        // oxlint-disable-next-line no-new-func -- that it is refused is what is tested
        resolve(String(new Function('return 1')()));
      } catch (error) {
        resolve((error as Error).name);
      }
    }, 0);
  }));
  expect(outcome).toBe('EvalError');
  policies.length = 0;
  for (const template of TEMPLATES.slice(0, 2)) {
    await page.goto(product.address.split('#')[0] as string);
    await new JobsPage(page).template(template.name.en);
    await expect(page.getByText(ENGLISH.design.dock.inBrowser)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('group', { name: ENGLISH.design.dock.lists })).toContainText(new RegExp(`${ENGLISH.design.dock.matches}\\s*${template.matches}(?!\\d)`));
  }
  expect(policies).toEqual([]);
});
