import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** The browser that set-up found or installed; nothing is downloaded here. */
const found = [process.env['TIDEMARK_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']
  .find((path) => path !== undefined && existsSync(path))
  ?? (existsSync('node_modules/.tidemark/chromium') ? readFileSync('node_modules/.tidemark/chromium', 'utf8') : undefined);

export default defineConfig({
  testDir: 'e2e/journeys',
  outputDir: 'test-results/journeys',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    launchOptions: {
      ...(found === undefined ? {} : { executablePath: found }),
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
      ],
    },
  },
});
