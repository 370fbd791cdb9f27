import type { Words } from '../index.ts';
import type { live as en } from '../en/live.ts';

export const live: Words<typeof en> = {
  title: '实况',
};
