import type { Words } from '../index.ts';
import type { jobs as en } from '../en/jobs.ts';

export const jobs: Words<typeof en> = {
  title: '作业',
};
