/**
 * Zod without its generated fast path, which the page's content security policy forbids (it evaluates text).
 * Must be the first import of every entry (page and worker): zod reads this object when it is loaded.
 */
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };
