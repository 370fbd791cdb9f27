/**
 * JSON bodies: at most 1 MB, at most 100 levels deep, no `__proto__`, and only where the sender says that it is JSON
 * (a form of another site cannot).
 */
import express, { type RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

export const JSON_BYTES_MAX = 1_000_000;
const DEPTH_MAX = 100;

/** Looks at brackets outside of texts. Deep nesting has no use and would exhaust the stack of whoever walks it. */
export function tooDeep(bytes: Uint8Array, depthMax = DEPTH_MAX): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inText) {
      if (byte === 0x5c) at += 1; // a backslash: whatever follows is text
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

const parse = express.json({
  limit: JSON_BYTES_MAX,
  strict: false,
  type: ['application/json', 'application/*+json'],
  verify: (_request, _response, bytes) => {
    if (tooDeep(bytes)) throw new HttpProblem(400, 'too-deep', `The body is nested more than ${DEPTH_MAX} levels deep.`);
  },
  reviver: (key: string, value: unknown) => {
    if (key === '__proto__') throw new HttpProblem(400, 'prototype-key', 'The body has a key named __proto__.');
    return value;
  },
});

/** Fills `request.body`; undefined where there is no body. */
export const jsonBody: RequestHandler = (request, response, next) => {
  const empty = request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0;
  if (empty) return next();
  if (!request.is(['application/json', 'application/*+json'])) {
    return next(new HttpProblem(415, 'not-json', 'This route takes a body of type application/json.'));
  }
  parse(request, response, (error?: unknown) => {
    // what the two checks above throw comes wrapped
    const { body, message, code, status } = (error ?? {}) as Partial<HttpProblem> & { body?: unknown };
    if (body !== undefined && status === 400 && /__proto__/.test(message ?? '')) return next(new HttpProblem(400, 'prototype-key', 'The body has a key named __proto__.'));
    if (code === 'too-deep') return next(new HttpProblem(400, code, message ?? ''));
    next(error);
  });
};
