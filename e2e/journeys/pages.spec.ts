/** The pages themselves: clicks to a first match, accessibility in both themes, no stray words in Chinese. */
import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { TEMPLATES } from '@tidemark/pattern';
import { DesignPage, JobsPage, LivePage } from '../support/pages.ts';
import { Product } from '../support/product.ts';
import { CHINESE, ENGLISH } from '../support/words.ts';

let product: Product;
test.beforeAll(async () => { product = await Product.start(); });
test.afterAll(async () => { await product.stop(); });

const named = (id: string) => TEMPLATES.find((template) => template.id === id) as (typeof TEMPLATES)[number];

for (const template of TEMPLATES) {
  test(`one click opens ${template.id} with its matches, tested in the browser`, async ({ page }) => {
    await new JobsPage(page).open(product.address);
    await new JobsPage(page).template(template.name.en);
    await expect(page.getByText(ENGLISH.design.dock.inBrowser)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('group', { name: ENGLISH.design.dock.lists })).toContainText(new RegExp(`${ENGLISH.design.dock.matches}\\s*${template.matches}(?!\\d)`));
  });
}

/** Nothing that axe calls wrong, in the theme that is on. */
async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`jobs, design and live are accessible (${colorScheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await new JobsPage(page).open(product.address);
    await accessible(page);
    await new JobsPage(page).template(named('remote-service').name.en);
    const design = new DesignPage(page);
    await expect(page.getByText(ENGLISH.design.dock.inBrowser)).toBeVisible({ timeout: 30_000 });
    await accessible(page);
    await design.deploy();
    await new LivePage(page).running();
    await expect(page.getByText(ENGLISH.live.checkpoints.phase.completed).first()).toBeVisible({ timeout: 20_000 });
    await accessible(page);
    if (process.env['TIDEMARK_SHOTS'] === '1' && colorScheme === 'light') {
      await new LivePage(page).firstCommitted();
      await page.screenshot({ path: 'docs/images/live.png' });
    }
  });
}

/**
 * Words of Latin letters that a Chinese page may show: names and notations that have no Chinese form. What comes from the
 * person's data (names of stages, fields, values, files, templates' conditions) is taken out of the text before.
 */
const ALLOWED = new Set(['Tidemark', 'CSV', 'NDJSON', 'JSON', 'CEL', 'MB', 'kB', 'GB', 'CPU', 'UTC', 'ISO', 'SIGKILL', 'React', 'Flow', 'English', 'N', 'M', 'OTRF', 'Security', 'Datasets', 'MIT', 'Open', 'Threat', 'Research', 'Forge', 'Numenta', 'Anomaly', 'Benchmark', 'Thre', 'Windows', 'start', 'middle', 'v']);

async function strayWords(page: Page, data: readonly string[]): Promise<string[]> {
  const text = await page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || element.closest('script, style, .cm-editor, textarea, code, .tm-mono, [class*="mono"]') !== null || !element.checkVisibility()) continue;
      found.push(node.textContent ?? '');
    }
    // What is only heard: names that the page or a library gives to parts of it.
    for (const element of document.querySelectorAll('[aria-label], [aria-roledescription], [aria-description], [title]')) {
      if (element.closest('.cm-editor, .react-flow__attribution') !== null || !element.checkVisibility()) continue;
      for (const name of ['aria-label', 'aria-roledescription', 'aria-description', 'title']) found.push(element.getAttribute(name) ?? '');
    }
    return found.join('\n');
  });
  const own = data.flatMap((one) => one.match(/[A-Za-z]+/g) ?? []);
  // ids of matches and names of subtasks are the same in every language
  const words = new Set(text.replaceAll(/\b[a-z2-7]{26}\b|\b(?:match|source)\/\d+/g, '').match(/[A-Za-z]+/g) ?? []);
  for (const word of own) words.delete(word);
  return [...words].filter((word) => !ALLOWED.has(word));
}

test('Chinese pages show no stray Latin words', async ({ page }) => {
  await new JobsPage(page, CHINESE).open(product.address);
  const template = named('failed-logins');
  const data = TEMPLATES.flatMap((one) => [one.name.zh, one.name.en, JSON.stringify(one.document), one.sampleFile, JSON.stringify(one)]);
  expect(await strayWords(page, data)).toEqual([]);
  await new JobsPage(page, CHINESE).template(template.name.zh);
  await expect(page.getByText(CHINESE.design.dock.inBrowser)).toBeVisible({ timeout: 30_000 });
  const values = ['root', 'admin', 'backup', 'deploy', 'failure', 'success'];
  expect(await strayWords(page, [...data, ...values])).toEqual([]);
  await new DesignPage(page, CHINESE).deploy();
  const live = new LivePage(page, CHINESE);
  await live.running();
  await live.firstCommitted();
  // a match's own text and identifiers are data
  expect((await strayWords(page, [...data, ...values])).filter((word) => !/^[a-z2-7]{4}$|^[a-z]$|^w$|^pid$/.test(word))).toEqual([]);
  if (process.env['TIDEMARK_SHOTS'] === '1') await page.screenshot({ path: 'docs/images/live-zh.png' });
});
