import { expect, it } from 'vitest';
import type { Issue } from '@tidemark/protocol';
import { ApiError } from '../api/problem.ts';
import { outcomeOfError } from './deployment.ts';

const issue = (severity: Issue['severity']): Issue => ({ code: severity, severity, path: '/', patternId: null, nodeId: null, message: 'm', values: {}, fix: null, range: null });
const refused = (status: number, issues?: Issue[]): ApiError =>
  new ApiError('problem', 'm', { status, problem: { type: 'about:blank', title: 't', status, code: 'c', detail: 'd', ...(issues ? { issues } : {}) } });

it('tells errors from warnings, and both from what the person can do nothing about', () => {
  expect(outcomeOfError(refused(422, [issue('warning'), issue('error')]))).toMatchObject({ kind: 'errors', issues: [{ severity: 'error' }] });
  expect(outcomeOfError(refused(422, [issue('warning')]))).toMatchObject({ kind: 'warnings', issues: [{ severity: 'warning' }] });
  expect(outcomeOfError(refused(422))).toMatchObject({ kind: 'failed' });
  expect(outcomeOfError(refused(409))).toEqual({ kind: 'newer' });
  expect(outcomeOfError(new ApiError('network', 'gone'))).toMatchObject({ kind: 'failed' });
  expect(outcomeOfError(new Error('x'))).toMatchObject({ kind: 'failed' });
});
