/**
 * What a person does on the pages, in the words of the page. Both languages: the words come from the page's own
 * dictionaries, so that a journey in Chinese presses what a Chinese reader sees.
 */
import { type Locator, type Page, expect } from '@playwright/test';

export interface Words {
  readonly blank: string;
  readonly generator: string;
  readonly useGenerator: string;
  readonly palette: string;
  readonly event: string;
  readonly name: string;
  readonly allWithin: string;
  readonly window: string;
  readonly immediately: string;
  readonly then: string;
  readonly deploy: string;
  readonly deployAnyway: string;
  readonly running: string;
  readonly committed: string;
  readonly pending: string;
  readonly matches: string;
  readonly kill: string;
  readonly caughtUp: string;
  readonly finished: string;
  readonly proof: string;
  readonly saved: string;
}

export const ENGLISH: Words = {
  blank: 'New blank drawing', generator: 'The generator', useGenerator: 'Use this generator', palette: 'Palette', event: 'Event', name: 'Name',
  allWithin: 'All within', window: 'Time window', immediately: 'immediately', then: 'then', deploy: 'Deploy', deployAnyway: 'Deploy anyway',
  running: 'Running', committed: 'Committed', pending: 'Pending', matches: 'List of matches', kill: 'Kill worker', caughtUp: 'Caught up',
  finished: 'Finished', proof: 'Proof', saved: 'Draft saved',
};

/** The button or field that carries a visible word, whatever else stands in its name. */
export const named = (scope: Page | Locator, role: 'button' | 'radio' | 'link' | 'tab' | 'option', word: string): Locator =>
  scope.getByRole(role, { name: word }).first();

export class DesignPage {
  readonly page: Page;
  readonly words: Words;

  constructor(page: Page, words: Words = ENGLISH) {
    this.page = page;
    this.words = words;
  }

  /** Appends a stage after the chosen or last one, names it and gives it a condition in CEL. */
  async addStage(name: string, condition: string): Promise<void> {
    const { page, words } = this;
    await named(page.getByRole('navigation', { name: words.palette }), 'button', words.event).click();
    const field = page.getByRole('textbox', { name: words.name, exact: true });
    await expect(field).toHaveValue(/\S/);
    await field.fill(name);
    await field.press('Enter');
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.type(condition);
    await page.keyboard.press('Escape');
    await expect(editor).toHaveText(condition);
    await expect(page.getByRole('button', { name: new RegExp(`\\b${name}\\b`) }).first()).toBeVisible();
  }

  async saved(): Promise<void> {
    await expect(this.page.getByText(this.words.saved)).toBeVisible();
  }

  async deploy(): Promise<void> {
    const { page, words } = this;
    await this.saved();
    await page.getByRole('button', { name: words.deploy, exact: true }).click();
    await expect(async () => {
      const anyway = page.getByRole('button', { name: words.deployAnyway });
      if (await anyway.isVisible()) await anyway.click();
      expect(page.url()).toContain('/live');
    }).toPass({ timeout: 15_000 });
  }
}

export class LivePage {
  readonly page: Page;
  readonly words: Words;

  constructor(page: Page, words: Words = ENGLISH) {
    this.page = page;
    this.words = words;
  }

  get cards(): Locator {
    return this.page.getByRole('region', { name: this.words.matches }).or(this.page.getByRole('list', { name: this.words.matches })).first();
  }

  /** Waits for a card that says it is committed. */
  async firstCommitted(timeout = 60_000): Promise<void> {
    await expect(this.page.getByText(this.words.committed, { exact: true }).first()).toBeVisible({ timeout });
  }

  async killFirstWorker(): Promise<void> {
    await named(this.page, 'button', this.words.kill).click();
    await this.page.getByRole('dialog').getByRole('button').last().click();
  }

  async recovered(): Promise<void> {
    await expect(this.page.getByText(this.words.caughtUp).first()).toBeVisible({ timeout: 30_000 });
  }
}
