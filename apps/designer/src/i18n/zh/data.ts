import type { Words } from '../index.ts';
import type { data as en } from '../en/data.ts';

export const data: Words<typeof en> = {
  title: '数据',
};
