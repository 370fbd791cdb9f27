/** What a person does on the pages, in the words of the page's language. */
import { type Locator, type Page, expect } from '@playwright/test';
import { ENGLISH, type Words, fill } from './words.ts';

export class JobsPage {
  readonly page: Page;
  readonly words: Words;

  constructor(page: Page, words: Words = ENGLISH) {
    this.page = page;
    this.words = words;
  }

  /** Opens the printed address; the token leaves the address bar. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await expect(this.page).not.toHaveURL(/token/);
    if (this.words.language === 'zh') {
      await this.page.getByRole('button', { name: ENGLISH.common.language.switch }).click();
      await this.page.getByRole('menuitem', { name: '中文' }).or(this.page.getByRole('menuitemradio', { name: '中文' })).first().click();
    }
    await expect(this.page.getByRole('heading', { name: this.words.jobs.title }).first()).toBeVisible();
  }

  async blankWithoutData(): Promise<void> {
    await this.page.getByRole('button', { name: this.words.jobs.start.blank.open }).click();
    await this.page.getByRole('button', { name: this.words.data.way.none }).click();
    await expect(this.page).toHaveURL(/\/design/);
  }

  async blankWithGenerator(): Promise<void> {
    const { page, words } = this;
    await page.getByRole('button', { name: words.jobs.start.blank.open }).click();
    await page.getByText(words.data.way.generator, { exact: true }).click();
    await page.getByRole('button', { name: words.data.generator.use }).first().click();
    await expect(page).toHaveURL(/\/design/);
  }

  async template(name: string): Promise<void> {
    // the table of jobs, above the templates, may hold one of the same name
    await this.page.getByText(name, { exact: true }).last().click();
    await expect(this.page).toHaveURL(/\/design/);
  }
}

export class DesignPage {
  readonly page: Page;
  readonly words: Words;

  constructor(page: Page, words: Words = ENGLISH) {
    this.page = page;
    this.words = words;
  }

  get sentence(): Locator {
    return this.page.getByRole('note', { name: this.words.design.sentence });
  }

  /** Appends a stage after the chosen or last one, names it and gives it a condition in CEL. */
  async addStage(name: string, condition: string): Promise<void> {
    const { page, words } = this;
    await page.getByRole('navigation', { name: words.design.palette.title }).getByRole('button', { name: words.design.palette.event, exact: true }).click();
    const field = page.getByRole('textbox', { name: words.design.inspector.name, exact: true });
    await expect(field).toHaveValue(/\S/);
    await field.fill(name);
    await field.press('Enter');
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.type(condition);
    await page.keyboard.press('Escape');
    await expect(editor).toHaveText(condition);
  }

  async setLink(from: string, to: string, kind: 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY'): Promise<void> {
    const { page, words } = this;
    await page.getByRole('button', { name: fill(words.design.canvas.linkBetween, { word: words.design.link.SKIP_TILL_NEXT, a: from, b: to }) }).click();
    await page.getByRole('dialog').getByRole('radio', { name: words.design.link[kind] }).click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  }

  async setWindow(text: string): Promise<void> {
    const { page, words } = this;
    await page.getByRole('button', { name: words.design.panel.window }).or(page.getByRole('button', { name: words.design.drawing.noWindow })).first().click();
    const field = page.getByRole('textbox', { name: words.design.window.within });
    await field.fill(text);
    await field.press('Enter');
  }

  async dropFile(name: string, type: string, text: string): Promise<void> {
    const { page } = this;
    const transfer = await page.evaluateHandle(([file, kind, content]) => {
      const made = new DataTransfer();
      made.items.add(new File([content as string], file as string, { type: kind as string }));
      return made;
    }, [name, type, text]);
    for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('.react-flow', event, { dataTransfer: transfer });
  }

  /** Paces the deployed run, in the Source panel. */
  async setPace(perSecond: number): Promise<void> {
    const { page, words } = this;
    await page.getByRole('navigation', { name: words.design.palette.title }).getByRole('button', { name: words.design.palette.source, exact: true }).click();
    const panel = page.getByRole('complementary').first();
    await panel.getByText(words.design.rate.perSecond, { exact: true }).click();
    const field = panel.getByRole('textbox', { name: words.design.rate.perSecond });
    await field.fill(String(perSecond));
    await field.press('Enter');
  }

  async saved(): Promise<void> {
    await expect(this.page.getByText(this.words.design.save.saved)).toBeVisible();
  }

  async deploy(): Promise<void> {
    const { page, words } = this;
    await this.saved();
    await page.getByRole('button', { name: words.design.deploy.deploy, exact: true }).click();
    await expect(async () => {
      const anyway = page.getByRole('button', { name: words.live.deploy.anyway });
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

  async running(): Promise<void> {
    await expect(this.page.getByText(this.words.jobs.state.RUNNING, { exact: true }).first()).toBeVisible({ timeout: 20_000 });
  }

  /** Waits for a card that says it is committed. */
  async firstCommitted(timeout = 60_000): Promise<void> {
    await expect(this.page.getByText(this.words.live.matches.committed, { exact: true }).first()).toBeVisible({ timeout });
  }

  async killFirstWorker(): Promise<void> {
    const { page, words } = this;
    await page.getByRole('button', { name: words.live.workers.kill }).first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('SIGKILL');
    await dialog.getByRole('button', { name: new RegExp(fill(words.live.kill.confirm, { pid: '' }).trim()) }).click();
  }

  async recovered(): Promise<void> {
    await expect(this.page.getByText(this.words.live.recovery.step['caught-up']).first()).toBeVisible({ timeout: 30_000 });
  }

  async finished(timeout = 60_000): Promise<void> {
    await expect(this.page.getByText(this.words.jobs.state.FINISHED, { exact: true }).first()).toBeVisible({ timeout });
  }

  /** The proof line at the end: nothing lost, nothing doubled. */
  async provedEqual(): Promise<void> {
    await expect(this.page.getByText(this.words.live.proof.held, { exact: true })).toBeVisible({ timeout: 20_000 });
    await expect(this.page.getByText(fill(this.words.live.proof.figures, { missing: 0, doubled: 0 }))).toBeVisible();
  }
}
