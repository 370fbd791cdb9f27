import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, onSessionLost, resolveRoute } from './client.ts';
import { ApiError } from './problem.ts';
import { splitFragment } from './session.ts';

const answerWith = (status: number, body: unknown): void => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status })));
};
afterEach(() => vi.unstubAllGlobals());

describe('client', () => {
  it('fills parameters and query into a route', () => {
    expect(resolveRoute('matches', { jobId: 'a b' }, { after: 3 })).toEqual({ method: 'GET', url: '/api/jobs/a%20b/matches?after=3' });
    expect(() => resolveRoute('job')).toThrow(/jobId/);
  });
  it('sends the header that a foreign page cannot send', async () => {
    const seen: RequestInit[] = [];
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => { seen.push(init); return Promise.resolve(new Response('[]')); });
    await call('jobs');
    expect(seen[0]?.headers).toMatchObject({ 'x-tidemark': '1' });
  });
  it('refuses an answer that the schema does not know', async () => {
    answerWith(200, [{ id: 1 }]);
    await expect(call('jobs')).rejects.toMatchObject({ kind: 'shape' });
  });
  it('gives problem+json as code, sentence and issues', async () => {
    answerWith(422, { type: 'about:blank', title: 'Invalid', status: 422, code: 'invalid-document', detail: 'Two stages share a name', issues: [] });
    await expect(call('validate', { body: {} })).rejects.toMatchObject({ kind: 'problem', code: 'invalid-document', message: 'Two stages share a name' });
  });
  it('gives the newer revision of a draft with 409', async () => {
    answerWith(409, { type: 'about:blank', title: 'Conflict', status: 409, detail: 'A newer revision exists', code: 'newer-revision', current: { revision: 7, savedAt: 1, document: { a: 1 } } });
    const error = await call('saveDraft', { params: { projectId: 'p' }, body: {} }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).current?.revision).toBe(7);
  });
  it('tells the gate when the session is lost', async () => {
    const lost = vi.fn();
    onSessionLost(lost);
    answerWith(401, null);
    await expect(call('jobs')).rejects.toMatchObject({ kind: 'session' });
    expect(lost).toHaveBeenCalledOnce();
  });
  it('no answer is a network error', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
    await expect(call('jobs')).rejects.toMatchObject({ kind: 'network' });
  });
});

describe('fragment', () => {
  it('takes the token out and leaves the rest', () => {
    expect(splitFragment('#token=abc')).toEqual({ token: 'abc', rest: '' });
    expect(splitFragment('#token=a%2Fb&doc=xyz')).toEqual({ token: 'a/b', rest: '#doc=xyz' });
    expect(splitFragment('')).toEqual({ token: null, rest: '' });
  });
});
