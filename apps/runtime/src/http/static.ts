/**
 * The built designer: hashed assets for ever, the page never from a cache, any other address of the page's own router
 * gets the page. Where nothing is built, one clear page says so.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';
import { HttpProblem } from './problem.ts';
import { NONCE_PLACEHOLDER, nonceOf } from './security-headers.ts';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tidemark</title>
<h1>The designer is not built</h1>
<p>The runtime is there, its page is not. Stop it and start it with <code>npm start</code>, which builds what must be built,
or run <code>npm run setup -- --build</code> and reload.</p></html>`;

export function serveDesigner(app: Express, folder: string): void {
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '365d', index: false, redirect: false, dotfiles: 'ignore' }));
  app.use('/assets', (_request, _response, next) => next(new HttpProblem(404, 'not-found', 'There is no such asset.')));
  app.use(express.static(folder, { index: false, redirect: false, dotfiles: 'ignore', maxAge: '1h', setHeaders: (response, path) => {
    if (path.endsWith('.html')) response.setHeader('Cache-Control', 'no-store');
  } }));
  app.get('/{*path}', async (request, response) => {
    // a missing file is missing; what has no ending is an address of the page
    if (/\.[a-z0-9]{1,8}$/i.test(request.path)) throw new HttpProblem(404, 'not-found', 'There is no such file.');
    await sendPage(response, folder);
  });
}

async function sendPage(response: Response, folder: string): Promise<void> {
  let page: string;
  try {
    page = await readFile(join(folder, 'index.html'), 'utf8');
  } catch {
    response.status(503).setHeader('Cache-Control', 'no-store').type('html').send(NOT_BUILT);
    return;
  }
  response.setHeader('Cache-Control', 'no-store').type('html').send(page.replaceAll(NONCE_PLACEHOLDER, nonceOf(response.locals)));
}
